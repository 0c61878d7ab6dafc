"""The programs of the stack: Kafka, MongoDB, the mail sink and the services, each as a value."""
