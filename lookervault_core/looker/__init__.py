"""The way to a live Looker: a client that keeps status and headers, shares one rate limit and counts every call.

Nothing is imported here: who only asks whether two addresses are one instance needs no client.
"""
