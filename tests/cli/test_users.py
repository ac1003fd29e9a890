"""precinct user and device: accounts and devices from the command line."""
import subprocess
import unittest

from support import PRECINCT, CommandTest


class Users(CommandTest):
    def test_user_add_makes_an_account_and_shows_its_password_once(self):
        site = self.csv_site()
        made = self.answer("user", "add", site, "anna", "--roles", "dispatcher,commander")
        self.assertEqual(made["roles"], "dispatcher,commander")
        self.assertEqual(len(made["password"]), 20)
        listed = self.answer("user", "list", site)["accounts"]
        self.assertEqual(listed, [{"account": "anna", "roles": "dispatcher,commander", "areas": "", "disabled": False}])
        self.assertNotIn(made["password"], self.ok("user", "list", site).stdout)

    def test_user_add_takes_a_password_from_standard_input(self):
        site = self.csv_site()
        arguments = [PRECINCT, "user", "add", site, "bo", "--roles", "call_taker", "--password-stdin"]
        done = subprocess.run(arguments, input="a long password\n", text=True, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("a long password", done.stdout)
        done = subprocess.run(arguments[:4] + ["cy"] + arguments[5:], input="", text=True, capture_output=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("standard input", done.stderr)

    def test_user_commands_refuse_what_cannot_be(self):
        site = self.csv_site()
        self.refused(2, "is no role", "user", "add", site, "anna", "--roles", "king")
        self.refused(2, "exclude each other", "user", "add", site, "anna", "--roles", "system_admin,audit_admin")
        self.refused(2, "no account name", "user", "add", site, "Anna!", "--roles", "patrol")
        self.refused(2, "is not a site", "user", "add", self.folder, "anna", "--roles", "patrol")
        self.refused(1, "no account 'anna'", "user", "disable", site, "anna")
        self.ok("user", "add", site, "anna", "--roles", "patrol")
        self.refused(1, "already", "user", "add", site, "anna", "--roles", "patrol")

    def test_user_disable_is_shown_in_the_list(self):
        site = self.csv_site()
        self.ok("user", "add", site, "anna", "--roles", "patrol")
        self.ok("user", "disable", site, "anna")
        self.assertTrue(self.answer("user", "list", site)["accounts"][0]["disabled"])
        self.assertIn("停用", self.ok("user", "list", site, "--lang", "zh").stdout)

    def test_device_add_binds_an_id_and_list_never_shows_it(self):
        site = self.csv_site()
        made = self.answer("device", "add", site, "Unit 1", "--speed", "mps")
        self.assertEqual(len(made["id"]), 20)
        self.ok("device", "add", site, "Unit 2", "--id", "given-device-id")
        self.refused(1, "bound already", "device", "add", site, "Unit 3", "--id", "given-device-id")
        self.refused(2, "knots", "device", "add", site, "Unit 3", "--speed", "furlongs")
        listed = self.ok("device", "list", site, "--json").stdout
        self.assertNotIn(made["id"], listed)
        self.assertIn("Unit 2", listed)
        self.assertIn("mps", self.ok("device", "list", site).stdout)

    def test_device_remove_takes_all_devices_of_a_unit(self):
        site = self.csv_site()
        for unit in ("Unit 1", "Unit 1", "Unit 2"):
            self.ok("device", "add", site, unit)
        self.assertEqual(self.answer("device", "remove", site, "Unit 1"), {"removed": 2})
        self.refused(1, "has no position device", "device", "remove", site, "Unit 1")
        self.assertEqual([d["unit"] for d in self.answer("device", "list", site)["devices"]], ["Unit 2"])


if __name__ == "__main__":
    unittest.main()
