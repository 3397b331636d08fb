"""A simulated Looker and an S3, as tests/offsite has them."""

from tests.offsite.conftest import bucket, cli, environment, looker, s3, starter, storage, vault_path

__all__ = ["bucket", "cli", "environment", "looker", "s3", "starter", "storage", "vault_path"]
