"""What a server tells of itself to the programs that watch it: measures to Prometheus, traces to OTLP."""
