"""Payloads as they are compared: which fields count, what refers to what, when two values are equal."""
