"""Handing a message over: to an SMS gateway, by e-mail, to a webhook. Blocking, and never for long."""

import base64
import hashlib
import hmac
import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

import httpx
import msgspec

from endpoint.errors import EndpointError, SettingError
from endpoint.watch.outgoing import Message
from endpoint.watch.settings import Channels, secret

PATIENCE_S = 5.0
_TRIED_AGAIN = frozenset({408, 425, 429})


class NotTaken(EndpointError):
    """A message that was not taken. ``for_good``: it never will be, such as a number that does not exist."""

    def __init__(self, reason: str, for_good: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.for_good = reason, for_good


def send(channels: Channels, message: Message, unit: str, base_url: str, now: datetime) -> None:
    """Hand one message over. ``unit``: the name of its unit. Raises NotTaken."""
    try:
        match message.channel:
            case "sms":
                _sms(channels, message)
            case "mail":
                _mail(channels, message, base_url, now)
            case _:
                _webhook(channels, message, unit, base_url, now)
    except SettingError as error:
        raise NotTaken("setting") from error


def _sms(channels: Channels, message: Message) -> None:
    if not channels.sms_url:
        raise NotTaken("setting")
    token = secret(channels.sms_token_file)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = {"id": message.id, "to": message.address, "text": message.text}
    _post(channels.sms_url, msgspec.json.encode(body), headers | {"Idempotency-Key": message.id})


def _webhook(channels: Channels, message: Message, unit: str, base_url: str, now: datetime) -> None:
    """As the Standard Webhooks specification has it: id, time and HMAC-SHA256 in the headers."""
    if not channels.webhook_url:
        raise NotTaken("setting")
    body = msgspec.json.encode(
        {
            "type": f"notice.{message.matter}",
            "timestamp": message.made,
            "data": {
                "unit": message.unit,
                "unit_name": unit,
                "stage": message.stage,
                "count": message.things,
                "url": page_of(base_url),
            },
        }
    )
    at = str(int(now.timestamp()))
    key = secret(channels.webhook_secret_file).encode()
    signed = hmac.new(key, f"{message.id}.{at}.".encode() + body, hashlib.sha256).digest()
    headers = {
        "webhook-id": message.id,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }
    _post(channels.webhook_url, body, headers)


def _post(url: str, body: bytes, headers: dict[str, str]) -> None:
    headers = {"Content-Type": "application/json"} | headers
    try:
        status = httpx.post(url, content=body, headers=headers, timeout=PATIENCE_S).status_code
    except httpx.HTTPError as error:
        raise NotTaken("no_answer") from error
    if not 200 <= status < 300:
        raise NotTaken(f"status_{status}", 400 <= status < 500 and status not in _TRIED_AGAIN)


def _mail(channels: Channels, message: Message, base_url: str, now: datetime) -> None:
    if not channels.mail_url:
        raise NotTaken("setting")
    parts = urlsplit(channels.mail_url)
    letter = EmailMessage()
    letter["From"], letter["To"] = channels.mail_from, message.address
    letter["Subject"], _, words = message.text.partition("\n")
    letter["Date"] = format_datetime(now)
    # The same at each try: a mail system that has it already may drop the second.
    letter["Message-ID"] = f"<{message.id}@{urlsplit(base_url).hostname or 'rapp'}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(words)
    context = ssl.create_default_context()
    host = parts.hostname or ""
    try:
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, parts.port or 465, timeout=PATIENCE_S, context=context
            )
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=PATIENCE_S)
        with server:
            if parts.scheme == "smtp":
                server.starttls(context=context)
            if parts.username:
                server.login(parts.username, secret(channels.mail_password_file))
            server.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise NotTaken("no_such_address", all(code >= 500 for code in codes)) from error
    except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
        raise NotTaken("no_answer") from error


def page_of(base_url: str) -> str:
    """The page that shows what there is to see to."""
    return f"{base_url}/console/watch"
