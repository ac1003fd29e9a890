"""Databases of a site, changed behind the program's back by somebody who also sets the sums of the pages right (src/store/page_check.c):
what a test changes is then found, or not, by what the test is about."""
import ctypes
import sqlite3

PAGE, SUM = 4096, 8
HASH = ctypes.CDLL("libxxhash.so.0").XXH3_64bits_withSeed
HASH.restype, HASH.argtypes = ctypes.c_uint64, (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64)


def set_sums(path):
    """Whoever changes a database with another program leaves pages without their sums."""
    with open(path, "r+b") as file:
        if file.read(100)[20:21] != bytes([SUM]):
            return
        file.seek(0)
        number = 0
        while len(page := file.read(PAGE)) == PAGE:
            number += 1
            right = HASH(page[:-SUM], PAGE - SUM, number).to_bytes(SUM, "little")
            if page[-SUM:] != right and any(page):
                file.seek(number * PAGE - SUM)
                file.write(right)


class Connection(sqlite3.Connection):
    path = None

    def close(self):
        super().close()
        set_sums(self.path)

    def __exit__(self, *failure):
        super().__exit__(*failure)
        self.close()


def connect(path, **options):
    connection = sqlite3.connect(path, factory=Connection, **options)
    connection.path = path
    return connection
