"""What the sender is handed, and what it says of a try (`status.outgoing`)."""

from status.outgoing import AppriseTarget, MailTarget, Outcome, Outgoing, Target, WebhookTarget

__all__ = ["AppriseTarget", "MailTarget", "Outcome", "Outgoing", "Target", "WebhookTarget"]
