"""The processes of an endpoint: workers, and the supervisor that starts and replaces them."""
