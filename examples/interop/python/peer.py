"""A peer in Python with Debian's Kafka and registry client; settings in the environment (check.sh)."""

import base64
import json
import os
import struct
import subprocess
import tempfile
import time
import uuid
from datetime import datetime, timezone

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.avro import CachedSchemaRegistryClient, MessageSerializer

TOPIC = "jit.requests"
SUBJECT = TOPIC + "-io.postern.event.RequestSubmitted"
env = os.environ


def url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(content):
    """Signs with Ed25519 by openssl: Debian's client brings no cryptography of its own."""
    with open(env["KEY_FILE"]) as file:
        jwk = json.load(file)
    secret = base64.urlsafe_b64decode(jwk["d"] + "=")
    header = url(json.dumps({"alg": "EdDSA", "kid": jwk["kid"], "iat": int(time.time())}).encode())
    with tempfile.TemporaryDirectory() as work:
        with open(work + "/key.der", "wb") as file:
            file.write(bytes.fromhex("302e020100300506032b657004220420") + secret)
        with open(work + "/input", "wb") as file:
            file.write((header + "." + url(content)).encode())
        command = ["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", work + "/key.der", "-in", work + "/input"]
        return header + ".." + url(subprocess.run(command, check=True, capture_output=True).stdout)


def from_the_end():
    consumer = Consumer({
        "bootstrap.servers": env["BOOTSTRAP"],
        "group.id": env["SUBJECT"],
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
    })
    places = []
    for topic in ["jit.decisions", "jit.enforcement"]:
        for partition in consumer.list_topics(topic, timeout=10).topics[topic].partitions:
            _, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
            places.append(TopicPartition(topic, partition, end))
    consumer.assign(places)
    return consumer


def main():
    registry = CachedSchemaRegistryClient({"url": env["REGISTRY"]})
    serializer = MessageSerializer(registry)
    _, schema, _ = registry.get_latest_schema(SUBJECT)
    # Looked up by its content: the same schema, the same id.
    schema_id = registry.check_registration(SUBJECT, schema)
    consumer = from_the_end()
    request_id = str(uuid.uuid4())
    value = serializer.encode_record_with_schema_id(schema_id, {
        "eventId": str(uuid.uuid4()),
        "occurredAt": datetime.now(timezone.utc),
        "requestId": request_id,
        "requestor": {"subject": env["SUBJECT"], "issuer": env["SUBJECT"], "groups": []},
        "machines": [env["MACHINE"]],
        "ports": [{"fromPort": 22, "toPort": 22, "protocol": "TCP"}],
        "sources": [env["SOURCE"]],
        "durationMillis": 600000,
        "justification": "Zürich ✓",
        "startAt": None,
        "breakGlass": False,
        "allOrNothing": False,
    })
    key = request_id.encode()
    topic = TOPIC.encode()
    content = struct.pack(">I", len(topic)) + topic + struct.pack(">I", len(key)) + key + value
    # As everybody else finds the partition of a key.
    producer = Producer({"bootstrap.servers": env["BOOTSTRAP"], "partitioner": "murmur2_random"})
    headers = {"ce_type": "io.postern.event.RequestSubmitted", "postern-signature": signed(content)}
    producer.produce(TOPIC, value=value, key=key, headers=headers)
    if producer.flush(15) > 0:
        raise SystemExit("the broker did not take the record")

    read, ids = {}, {}
    while "AccessDenied" not in read and not {"AccessGranted", "AccessOpened"} <= read.keys():
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error():
            raise SystemExit(str(message.error()))
        kind = dict(message.headers())["ce_type"].decode().rsplit(".", 1)[1]
        if kind in ("AccessGranted", "AccessDenied", "AccessOpened"):
            event = serializer.decode_message(message.value())
            if event["requestId"] == request_id:
                read[kind] = event
                ids[kind] = struct.unpack(">I", message.value()[1:5])[0]
    consumer.close()
    if "AccessDenied" in read:
        raise SystemExit("denied: %s" % read["AccessDenied"]["reasons"])
    granted, connect = read["AccessGranted"], read["AccessOpened"]["connect"][0]
    print("wrote=%d granted=%d opened=%d for=%s from=%s why=%s seconds=%d connect=%s:%d/%s" % (
        struct.unpack(">I", value[1:5])[0], ids["AccessGranted"], ids["AccessOpened"],
        granted["requestor"]["subject"], granted["sources"][0], granted["justification"],
        seconds(granted["expiresAt"]) - seconds(granted["startsAt"]),
        connect["address"], connect["port"], connect["protocol"]))


def seconds(moment):
    """Microseconds, or what this version of avro makes of them."""
    return moment.timestamp() if hasattr(moment, "timestamp") else moment / 1e6


main()
