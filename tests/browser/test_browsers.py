"""That a browser which does not answer any more costs no other test anything."""

from __future__ import annotations

import signal

from tests.browser.browsers import Browsers


def test_a_browser_that_hangs_is_ended_and_the_next_test_has_another(all_browsers: Browsers) -> None:
    hung = all_browsers.current()
    context = hung.new_context()
    context.new_page()
    all_browsers.kill(signal.SIGSTOP)
    all_browsers.close(context, within=1)
    assert not hung.is_connected()
    context = all_browsers.current().new_context()
    page = context.new_page()
    page.set_content("<h1>Durchwahl</h1>")
    assert page.get_by_role("heading").inner_text() == "Durchwahl"
    all_browsers.close(context)
    assert all_browsers.current().is_connected()
