"""Send people one plain message when something went wrong or is unusual: what, how many, and the command that shows more."""

from lookervault_core.notifying.message import Message, Occasion, of_extraction, of_failure, of_proof
from lookervault_core.notifying.sending import check_addresses, send, send_each
from lookervault_core.notifying.telling import in_words, telling_failure, told, told_extraction, untold

__all__ = (
    "Message",
    "Occasion",
    "check_addresses",
    "in_words",
    "of_extraction",
    "of_failure",
    "of_proof",
    "send",
    "send_each",
    "telling_failure",
    "told",
    "told_extraction",
    "untold",
)
