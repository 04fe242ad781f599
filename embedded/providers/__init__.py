"""What each resource type means in terms of the cloud's APIs: one file a service. They know nothing of the engine."""
