"""Every kind of aggregate that this app knows.

A kind registers itself when its module is imported; whoever folds facts imports this one, so that no kind is
taken for unknown because nobody happened to import it.
"""

from care.cabinet import CabinetDocument, DispenserDocument
from care.check import CheckDocument, CheckResultDocument
from care.complaint import ComplaintDocument
from care.council import CouncilDocument
from care.delegation import DelegationDocument
from care.deviation import DeviationDocument, ReportDocument
from care.documents import Document
from care.dose import DoseDocument
from care.follow_up import FollowUpDocument
from care.handover import HandoverDocument
from care.notice import NoticeDocument
from care.order import OrderDocument
from care.person import PersonDocument
from care.prn import PrnDocument
from care.published import FormDocument
from care.risk_analysis import RiskAnalysisDocument
from care.risk_limits import RiskLimitsDocument
from care.routine import RoutineDocument
from care.sbar import SbarDocument
from care.staff import StaffDocument
from care.stock import StockDocument
from care.unit import UnitDocument
from care.viewing import ViewDocument

AGGREGATES: tuple[type[Document], ...] = (
    UnitDocument,
    StaffDocument,
    PersonDocument,
    FormDocument,
    OrderDocument,
    DoseDocument,
    PrnDocument,
    StockDocument,
    DelegationDocument,
    SbarDocument,
    DeviationDocument,
    ReportDocument,
    ComplaintDocument,
    FollowUpDocument,
    ViewDocument,
    CheckDocument,
    CheckResultDocument,
    RoutineDocument,
    RiskAnalysisDocument,
    RiskLimitsDocument,
    CouncilDocument,
    HandoverDocument,
    NoticeDocument,
    CabinetDocument,
    DispenserDocument,
)
