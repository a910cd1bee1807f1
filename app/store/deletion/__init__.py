"""What is deleted and when: retention times, requests for deletion, forgotten conversations."""
