# Reads letters with Python's e-mail package, a reader that shares no code with
# the writer. Standard input is a JSON list of messages in base64, standard
# output a JSON list of what was found in each.
import base64
import email
import email.policy
import json
import sys


def tree(part):
    kind = part.get_content_type()
    if part.is_multipart():
        return [kind] + [tree(p) for p in part.iter_parts()]
    return kind


def addresses(message, name):
    if name not in message:
        return []
    return [[a.display_name, a.addr_spec] for a in message[name].addresses]


def body(message, kind):
    part = message.get_body((kind,))
    return part.get_content() if part else ""


def seen(data):
    message = email.message_from_bytes(data, policy=email.policy.default)
    parts = list(message.walk())
    calendar = [p for p in parts if p.get_content_type() == "text/calendar"]
    defects = [str(d) for p in parts for d in p.defects]
    defects += [str(d) for p in parts for h in p.values() for d in getattr(h, "defects", [])]
    return {
        "From": addresses(message, "from"),
        "To": addresses(message, "to"),
        "ReplyTo": addresses(message, "reply-to"),
        "Subject": str(message["subject"]),
        "MessageID": str(message["message-id"]),
        "Tree": tree(message),
        "Text": body(message, "plain"),
        "HTML": body(message, "html"),
        "Method": calendar[0].get_param("method") if calendar else "",
        "Calendar": calendar[0].get_payload(decode=True).decode() if calendar else "",
        "Attachments": [[p.get_filename(), p.get_content_type(), p.get_payload(decode=True).decode(errors="replace")]
                        for p in parts if p.get_content_disposition() in ("attachment", "inline")],
        "List": [[name, str(value)] for name, value in message.items() if name.lower().startswith("list-")],
        "Defects": defects,
    }


json.dump([seen(base64.b64decode(m)) for m in json.load(sys.stdin)], sys.stdout)
