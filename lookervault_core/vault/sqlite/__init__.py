"""The SQLite file itself: opened, locked, migrated, checked, its errors turned into ours."""
