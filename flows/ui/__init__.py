"""The pages of `lookervault ui`: the vault to look at, in a browser on the same machine."""
