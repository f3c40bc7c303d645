"""Checks messages (JSON, one a line, on stdin) against the schema of the protocol that jupyter_kernel_test publishes."""

import json
import re
import sys
from collections import Counter

from jsonschema import ValidationError
from jupyter_kernel_test import msgspec_v5

# https://jupyter-client.readthedocs.io/en/stable/messaging.html has what the published schema lacks
string, record = {"type": "string"}, {"type": "object"}
msgspec_v5.schema_fragments.update(
    {
        "comm_msg": {"properties": {"comm_id": string, "data": record}},
        "comm_close": {"properties": {"comm_id": string, "data": record}},
        "iopub_welcome": {"properties": {"subscription": string}},
        # "number" in the published schema, a boolean in the text
        "input_request": {"properties": {"prompt": string, "password": {"type": "boolean"}}},
    }
)
iso = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")


def check(message):
    header, parent, content = message["header"], message["parent_header"], message["content"]
    if not iso.fullmatch(header["date"]):
        raise ValidationError(f"no ISO 8601 date: {header['date']}")
    if header["msg_type"] != "iopub_welcome":
        msgspec_v5.msg_structure_validator.validate({**message, "header": parent})
    if content.get("status") == "aborted":
        # ipykernel's word, and that of the protocol's text; the published schema knows "abort" only
        if set(content) != {"status", "execution_count"}:
            raise ValidationError(f"what was aborted has no result: {content}")
        return msgspec_v5.msg_structure_validator.validate(message)
    msgspec_v5.validate_message(message)


seen = Counter()
failures = []
for line in sys.stdin:
    message = json.loads(line)
    seen[message["header"]["msg_type"]] += 1
    try:
        check(message)
    except (ValidationError, KeyError) as error:
        failures.append(f"{type(error).__name__} {error}: {line.strip()}")
print(json.dumps({"seen": seen, "failures": failures}))
