"""LookML models: which connections one may use."""
