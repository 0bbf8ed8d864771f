// Before every test file of core: an IndexedDB, which Node does not have.
import "fake-indexeddb/auto";
