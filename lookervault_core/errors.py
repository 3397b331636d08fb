"""Every error that LookerVault raises on purpose, with its exit code and whether a retry can help.

LookerVaultError                 1
├── UsageError                   2   the command asks for what cannot be done
│   └── NotFound                 2   no such item, snapshot or session
├── ConfigurationError           2   a setting is missing or malformed
├── CodecError                   1   bytes that are not one JSON value
├── Interrupted                130   Ctrl-C or SIGTERM; the session can be resumed
│   └── NothingWritten         130   before a restore wrote anything: there is nothing to resume
├── BudgetSpent                  3   --max-calls is used up; the session can be resumed
├── ExportError                  1   a directory that cannot be written, or is not as an export leaves it
│   └── ExportChanged            1   files of an export that were changed, removed or added; carries which
├── OffsiteError                 1   transient: the store of the copies failed or cannot be reached
│   ├── OffsiteRefused           1   credentials, rights, or no such bucket
│   ├── WrongKey                 2   a copy is not encrypted to any of the identities
│   ├── NotTheNewest             1   somebody else pushed meanwhile, or the store holds what the vault does not
│   └── CopyDamaged              5   bytes in the store that are not those that were pushed
├── LookerError                  1   a call to Looker failed: carries operation, status, request id
│   ├── Unreachable              1   transient: no whole answer came: reset, timed out
│   │   └── NotConnected         1   transient: refused, or no connection in time; nothing was sent
│   ├── WrongHost                1   the name does not resolve, or what answers is not a Looker API
│   ├── CertificateRefused       1   TLS verification failed
│   ├── LoginRefused             4   Looker answers 404 to a wrong client id or secret
│   ├── Unauthorized             4   401, and again after a fresh login
│   ├── PermissionRefused        4   403
│   ├── Missing                  1   404 in Looker's own words: absent, or not visible to this API user
│   ├── NotServed                1   transient: a 404 that is not Looker's own: no instance answers at this address now
│   ├── Conflict                 1   409
│   ├── Invalid                  1   422, with Looker's list of what is wrong
│   ├── Refused                  1   any other 4xx
│   ├── RateLimited              1   transient: 429
│   ├── ServerFault              1   transient: 5xx
│   ├── TooLarge                 1   a body that is larger than any answer is
│   └── BadReply                 1   transient: a 2xx whose body is cut short or is not JSON
└── VaultError                   5   the file cannot be used
    ├── NotAVault                5
    ├── VaultTooNew              5
    ├── VaultLocked              5
    │   └── VaultOwned           5   another run is at work on it
    ├── VaultReadOnly            5
    ├── VaultCorrupt             5
    ├── WrongInstance            5   the vault belongs to another Looker instance
    ├── DiskFull                 5
    └── BlobDamaged              5   a payload whose bytes are not those that were kept

Only `transient` answers "may I retry?"; it is set here, per class, and read in two places: the client and the task.
Only `ends_run` answers "would anything else of this run fare better?". What is `unreached` says that no Looker was met at all:
a restore, which writes, ends by it too; an extraction goes on for a while, and counts.
"""

from __future__ import annotations


class LookerVaultError(Exception):
    """Base of all errors here; its text is one line that says what, where and what to do."""

    exit_code = 1
    transient = False
    ends_run = False
    unreached = False


class UsageError(LookerVaultError):
    exit_code = 2


class NotFound(UsageError):
    pass


class ConfigurationError(LookerVaultError):
    exit_code = 2


class CodecError(LookerVaultError):
    pass


class Interrupted(LookerVaultError):
    exit_code = 130
    ends_run = True


class NothingWritten(Interrupted):
    pass


class BudgetSpent(LookerVaultError):
    exit_code = 3
    ends_run = True


class ExportError(LookerVaultError):
    pass


class ExportChanged(ExportError):
    """An export that is not as it was written. `problems` has one line a file: the file and what is wrong with it."""

    def __init__(self, message: str, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__(message)
        self.problems = problems


class OffsiteError(LookerVaultError):
    transient = True


class OffsiteRefused(OffsiteError):
    transient = False


class WrongKey(OffsiteError):
    exit_code = 2
    transient = False


class NotTheNewest(OffsiteError):
    transient = False


class CopyDamaged(OffsiteError):
    exit_code = 5
    transient = False


class LookerError(LookerVaultError):
    """A call to Looker that failed.

    `status` is the HTTP status or 0 if no answer came; `retry_after_s` is what the server asked for, if it did;
    `details` are the entries of a 422 body as (field, code, message).
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str = "",
        status: int = 0,
        request_id: str = "",
        retry_after_s: float | None = None,
        details: tuple[tuple[str, str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.status = status
        self.request_id = request_id
        self.retry_after_s = retry_after_s
        self.details = details


class Unreachable(LookerError):
    transient = True


class NotConnected(Unreachable):
    unreached = True


class WrongHost(LookerError):
    unreached = True


class CertificateRefused(LookerError):
    unreached = True


class LoginRefused(LookerError):
    exit_code = 4
    ends_run = True


class Unauthorized(LookerError):
    exit_code = 4
    ends_run = True


class PermissionRefused(LookerError):
    exit_code = 4


class Missing(LookerError):
    pass


class NotServed(LookerError):
    transient = True
    unreached = True


class Conflict(LookerError):
    pass


class Invalid(LookerError):
    pass


class Refused(LookerError):
    pass


class RateLimited(LookerError):
    transient = True


class ServerFault(LookerError):
    transient = True


class TooLarge(LookerError):
    pass


class BadReply(LookerError):
    transient = True


class VaultError(LookerVaultError):
    exit_code = 5
    ends_run = True


class NotAVault(VaultError):
    pass


class VaultTooNew(VaultError):
    pass


class VaultLocked(VaultError):
    pass


class VaultOwned(VaultLocked):
    """Another run is at work on the vault; it can be waited for."""


class VaultReadOnly(VaultError):
    pass


class VaultCorrupt(VaultError):
    pass


class WrongInstance(VaultError):
    pass


class DiskFull(VaultError):
    pass


class BlobDamaged(VaultError):
    ends_run = False


class Forgotten(BlobDamaged):
    """A payload is sound, but `forget` has taken a person out of it: to write it would not bring back what there was."""


def is_stop(exc: BaseException) -> bool:
    """Return whether *exc* means that somebody ended the run: by Ctrl-C, a signal, or in the UI, which raises a BaseException."""
    return isinstance(exc, Interrupted) or not isinstance(exc, Exception)


def ends_all(error: Exception) -> bool:
    """Return whether *error* ends the whole run, because every other item would fail too. Such a run can be resumed."""
    return isinstance(error, LookerVaultError) and (error.ends_run or error.unreached)
