"""The services of the programme: separate programs joined only by Kafka topics."""
