-- What plugins remember through `kv`. Times are milliseconds; a row whose expires_ms has come counts as absent.
CREATE TABLE plugin_kv (
    plugin      TEXT NOT NULL,
    key         TEXT NOT NULL,
    value       BLOB NOT NULL,
    expires_ms  INTEGER,
    PRIMARY KEY (plugin, key)
) STRICT;
CREATE INDEX plugin_kv_by_end ON plugin_kv (expires_ms) WHERE expires_ms IS NOT NULL;
CREATE INDEX plugin_kv_by_plugin_and_end ON plugin_kv (plugin, expires_ms) WHERE expires_ms IS NOT NULL;

-- How much each plugin keeps: counting at every write would cost the more the more there is.
CREATE TABLE plugin_kv_usage (
    plugin   TEXT PRIMARY KEY NOT NULL,
    entries  INTEGER NOT NULL,
    bytes    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER plugin_kv_inserted AFTER INSERT ON plugin_kv BEGIN
    INSERT INTO plugin_kv_usage (plugin, entries, bytes)
        VALUES (NEW.plugin, 1, octet_length(NEW.key) + octet_length(NEW.value))
        ON CONFLICT (plugin) DO UPDATE SET entries = entries + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER plugin_kv_updated AFTER UPDATE ON plugin_kv BEGIN
    UPDATE plugin_kv_usage SET bytes = bytes + octet_length(NEW.value) - octet_length(OLD.value)
        WHERE plugin = NEW.plugin;
END;
CREATE TRIGGER plugin_kv_deleted AFTER DELETE ON plugin_kv BEGIN
    UPDATE plugin_kv_usage
        SET entries = entries - 1, bytes = bytes - octet_length(OLD.key) - octet_length(OLD.value)
        WHERE plugin = OLD.plugin;
END;
