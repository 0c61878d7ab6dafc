"""librdkafka's mock cluster as a program: the real protocol over TCP, with errors injected.

Real brokers cannot be told to answer with a certain error code; this one can. It prints its
address, then reads commands from stdin: `error <api key> <code> <times>`.
"""

import ctypes
import sys
from pathlib import Path

import confluent_kafka

_LIBRARY = next(
    (Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs").glob("librdkafka*.so*")
)
_PRODUCER = 0


def main(topic: str) -> None:
    """Run a cluster of one broker with one topic until stdin ends."""
    kafka = ctypes.CDLL(str(_LIBRARY))
    for function in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
        getattr(kafka, function).restype = ctypes.c_void_p
    kafka.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    error = ctypes.create_string_buffer(512)
    conf = ctypes.c_void_p(kafka.rd_kafka_conf_new())
    client = ctypes.c_void_p(kafka.rd_kafka_new(_PRODUCER, conf, error, ctypes.c_size_t(512)))
    cluster = ctypes.c_void_p(kafka.rd_kafka_mock_cluster_new(client, 1))
    kafka.rd_kafka_mock_topic_create(cluster, topic.encode(), 1, 1)
    kafka.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 0)
    print(kafka.rd_kafka_mock_cluster_bootstraps(cluster).decode(), flush=True)  # noqa: T201
    for line in sys.stdin:
        _, api_key, code, times = line.split()
        codes = (ctypes.c_int * int(times))(*[int(code)] * int(times))
        kafka.rd_kafka_mock_push_request_errors_array(
            cluster, ctypes.c_int16(int(api_key)), ctypes.c_size_t(int(times)), codes
        )
        print("done", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
