"""The composition root: everything is made and wired here, nothing is started."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from app.core import cli, hosts, i18n, logs, metrics_pages, pages, rest, security, static_files
from app.core.accounts import access, login
from app.core.clock import Clock, SystemClock
from app.core.database import Database
from app.core.destinations import Destinations
from app.core.events import EventBus
from app.core.facts import Facts
from app.core.front_controller import FrontController
from app.core.http import HttpClient, RequestsClient
from app.core.jobs import Jobs
from app.core.kernel import Kernel
from app.core.metrics import Metrics
from app.core.metrics_files import Shared
from app.core.modules import ModuleError, discover
from app.core.realtime import Realtime
from app.core.settings import SettingsStore
from app.core.ui import rendering
from app.core.ui.slots import Slots
from app.core.versions import Versions
from config import Config

ROOT = Path(__file__).resolve().parent.parent


def create_app(config: Config, *, clock: Clock | None = None, http: HttpClient | None = None) -> Flask:
    """Make the application. Touches neither database nor network. Raises ModuleError for a wrong module."""
    logs.start(config.log_format, config.log_level)
    app = Flask(__name__, static_folder=None, template_folder=str(ROOT / "templates"))
    app.jinja_environment = rendering.QuickEnvironment
    app.config.update(
        # Flask itself would take it from FLASK_DEBUG, and show a stranger where something failed.
        DEBUG=False,
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME=security.cookie_name("durchwahl", secure=config.secure_cookies),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        # Else every answer, also that of a static file, sends the cookie as it was when its request came, and a late
        # one overwrites the message or the CSRF token that another has just put in. A log-in ends at a fixed time.
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=8 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.jinja_env.undefined = StrictUndefined
    clock = clock or SystemClock()
    bus = EventBus()
    database = Database(config.database_url, bus)
    versions = Versions(database)
    cipher = security.Cipher(config.secret_key)
    metrics = Metrics()
    secret_paths: list[str] = []  # modules add to it
    kernel = Kernel(
        app=app,
        config=config,
        clock=clock,
        bus=bus,
        database=database,
        versions=versions,
        cipher=cipher,
        settings=SettingsStore(database, versions, cipher, clock),
        http=http
        or RequestsClient(metrics=metrics, secret_paths=secret_paths, destinations=Destinations(config.api_hosts)),
        own_http=http or RequestsClient(secret_paths=secret_paths, destinations=Destinations(ourselves=True)),
        secret_paths=secret_paths,
        realtime=Realtime(bus, versions, metrics),
        jobs=Jobs(database, clock, metrics),
        slots=Slots(),
        facts=Facts(database),
        metrics=metrics,
        figures=Shared(metrics, config.data_dir / "metrics", config.port),
    )
    app.extensions["durchwahl"] = kernel
    hosts.install(app, config.hosts)
    rendering.install(app, static_files.install(app, ROOT / "static"))
    i18n.install(app)
    login.install(app)
    pages.install(app)
    rest.install(app)
    metrics_pages.install(kernel)
    cli.install(app)
    for module in discover():
        kernel.install(module)
    security.install_headers(app)
    missing = access.missing_marks(app)
    if missing:
        raise ModuleError(f"these endpoints do not state who may open them: {', '.join(missing)}")
    app.wsgi_app = FrontController(app.wsgi_app, kernel)  # type: ignore[method-assign] # Flask's documented way
    kernel.realtime.init_app(app, config)
    if config.proxy_hops:
        hops = config.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign] # likewise
    behind_proxy = config.proxy_hops > 0
    app.wsgi_app = logs.Requests(  # type: ignore[method-assign] # likewise
        app.wsgi_app, behind_proxy=behind_proxy, lines=config.access_log, secret_paths=kernel.secret_paths
    )
    return app
