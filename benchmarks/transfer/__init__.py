"""What makes a perturbation cross to recognisers that were not attacked, one technique at a time."""
