"""The gallery's pages: invented people, in the places of the pictures that the screens are held against."""

import flet as ft

from views import components as c
from views.components import Action, Flag, Option, Step
from views.theme import use_look

ICON = ft.Icons
SWALLOWS = Flag("Sväljer svårt", ICON.RESTAURANT_ROUNDED)
ALLERGY = Flag("Allergi: penicillin", ICON.BLOCK_ROUNDED, allergy=True)
YES_NO = [Option("yes", "Ja", danger=True), Option("no", "Nej"), Option("unknown", "Vet inte")]


def nothing(*_: object) -> None:
    """A press that does nothing."""


def short_chip(look):
    return c.sync_chip(look, "sent", nothing, at="07:12", short=True)


def today_bar(look):
    return c.thumb_bar(
        look,
        Action(look.t("nurse.contact"), nothing, ICON.SUPPORT_AGENT_ROUNDED),
        [
            Action(look.t("deviation.report"), nothing, ICON.ASSIGNMENT_LATE_ROUNDED, "soft"),
            Action("Vid behov", nothing, ICON.MEDICATION_LIQUID_ROUNDED, "soft"),
        ],
    )


def siv(look):
    return c.task_card(
        look,
        name="Siv Hedman",
        room="8",
        what="Levaxin, 1 tablett",
        icon=ICON.MEDICATION_ROUNDED,
        time="Sen 20 min",
        time_tone="late",
        flags=[Flag("På tom mage", ICON.NO_MEALS_ROUNDED)],
        on_press=nothing,
    )


def aina(look):
    return c.task_card(
        look,
        name="Aina Rask",
        room="3",
        what="Dospåse morgon, 5 tabletter",
        icon=ICON.MEDICATION_ROUNDED,
        time="Till 09:00",
        time_tone="accent",
        flags=[SWALLOWS, ALLERGY],
        on_press=nothing,
    )


def bror(look):
    return c.task_card(
        look,
        name="Bror Lindqvist",
        room="12",
        what="Tillsyn efter fall",
        icon=ICON.VISIBILITY_ROUNDED,
        time="Till 08:00",
        time_tone="accent",
        flags=[
            Flag("Blodförtunnande", ICON.BLOODTYPE_ROUNDED),
            Flag("Föll i natt", ICON.PERSONAL_INJURY_ROUNDED),
            Flag("Diabetes", ICON.WATER_DROP_ROUNDED),
        ],
        on_press=nothing,
    )


def lock():
    look = use_look()
    who, set_who = ft.use_state("Amina Yusuf")
    digits, set_digits = ft.use_state("")
    people = [
        ("Amina Yusuf", "Amina Yusuf", "Undersköterska"),
        ("Lena Backlund", "Lena Backlund", "Undersköterska"),
        ("Tesfay Mehari", "Tesfay Mehari", "Vårdbiträde"),
        ("Karin Ström", "Karin Ström", "Sjuksköterska"),
    ]
    pad = c.number_pad(
        look,
        lambda digit: set_digits(lambda entered: (entered + digit)[:6]),
        lambda: set_digits(lambda entered: entered[:-1]),
        "Öppna",
        nothing if len(digits) == 6 else None,
        big=True,
    )
    ask = look.text(look.t("lock.enter_code", name=who.split()[0]), "strong", text_align=ft.TextAlign.CENTER)
    dots = c.pin_dots(look, len(digits))
    return c.frame(
        look,
        c.app_bar_locked(look, c.sync_chip(look, "sent", nothing, at="07:12")),
        [
            ft.Column(
                [
                    look.heading("Vem är du?"),
                    look.text("Granen, plan 2 · Telefon 3", "small", look.palette.ink2),
                ],
                spacing=2,
            ),
            c.people(look, people, who, set_who),
            c.button(
                look, "Någon annan? Logga in", nothing, kind="quiet", icon=ICON.PERSON_ADD_ALT_1_ROUNDED
            ),
        ],
        c.Part(ft.Column([ask, dots, pad], spacing=16, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)),
        sheet=True,
    )


def kvitto():
    look = use_look()
    t = look.t
    shown, set_shown = ft.use_state(True)
    return c.frame(
        look,
        c.app_bar_person(look, "Amina Yusuf", "Granen, plan 2", nothing),
        [
            c.title_row(look, t("today.title"), c.sync_chip(look, "sending", nothing, count=1)),
            siv(look),
            c.section_title(look, t("common.now"), 1, icon=ICON.PLAY_CIRCLE_ROUNDED, tone="accent"),
            bror(look),
            c.task_card(
                look,
                name="Märta Åslund",
                room="14",
                what="Insulin, 8 enheter",
                icon=ICON.VACCINES_ROUNDED,
                time="08:30",
                flags=[Flag("Du saknar delegering", ICON.LOCK_ROUNDED, "late")],
                on_press=nothing,
            ),
            c.task_card(
                look,
                name="Vera Holmgren",
                address="Kvarngatan 3",
                what="Stödstrumpor på",
                icon=ICON.ACCESSIBILITY_NEW_ROUNDED,
                time="09:30",
                on_press=nothing,
            ),
        ],
        today_bar(look),
        receipt=c.Receipt(
            look,
            "Aina Rask, dospåse",
            "Given 07:21. Sparat.",
            lambda: set_shown(False),
            lambda: set_shown(False),
        )
        if shown
        else None,
    )


def offline():
    look = use_look()
    t = look.t
    saved = [
        c.saved_row(look, "Siv Hedman", "Given 07:18"),
        c.saved_row(look, "Sune Öberg", "Given 07:21"),
        c.saved_row(look, "Bror Lindqvist", "Fall 05:50", icon=ICON.ASSIGNMENT_LATE_ROUNDED),
    ]
    return c.frame(
        look,
        c.app_bar_person(look, "Amina Yusuf", "Granen, plan 2", nothing),
        [
            c.title_row(look, t("today.title"), c.sync_chip(look, "offline", nothing, count=3)),
            c.banner(look, "offline", t("sync.no_network"), t("sync.work_as_usual")),
            c.section_title(look, t("common.now"), 2, icon=ICON.PLAY_CIRCLE_ROUNDED, tone="accent"),
            aina(look),
            c.section_title(
                look, "Sparat, väntar på nät", 3, icon=ICON.SCHEDULE_SEND_ROUNDED, tone="offline"
            ),
            c.card(look, saved, spacing=12),
        ],
        today_bar(look),
    )


def aktuellt():
    look = use_look()
    digits, set_digits = ft.use_state("26")
    oxygen, set_oxygen = ft.use_state("no")
    return c.frame(
        look,
        c.app_bar_back(look, "Bakgrund", nothing, short_chip(look)),
        [
            *([] if look.short else [c.sbar_stepper(look, "a", {"s", "b"}, nothing)]),
            c.person_line(look, "Ingegerd Norling, rum 5"),
            c.progress_title(look, "Andning", 2, 5),
            c.value_field(
                look,
                "Andetag per minut",
                digits,
                unit="per minut",
                active=True,
                last="18",
                last_at="i går 20:10",
                remark=c.sign(look, "Högre än vanligt", icon=ICON.ARROW_UPWARD_ROUNDED, tone="late"),
                action=c.small_button(look, "Räkna", nothing, icon=ICON.TIMER_ROUNDED),
            ),
            c.value_field(look, "Syre i blodet, procent", "", last="96", on_press=nothing),
            c.question(
                look,
                "Får hon syrgas?",
                [Option("yes", "Ja"), Option("no", "Nej")],
                oxygen,
                set_oxygen,
                columns=2,
                aside=True,
            ),
        ],
        dense=True,
        bar=c.Part(
            ft.Column(
                [
                    c.button(look, "Kunde inte mäta", nothing, kind="quiet", icon=ICON.BLOCK_ROUNDED),
                    c.number_pad(
                        look,
                        lambda digit: set_digits((digits + digit)[-3:]),
                        lambda: set_digits(lambda entered: entered[:-1]),
                        "Nästa",
                        nothing,
                    ),
                ],
                spacing=4,
            )
        ),
    )


def sammanfattning():
    look = use_look()
    return c.frame(
        look,
        c.app_bar_back(look, "Rekommendation", nothing, short_chip(look)),
        [
            c.score_card(
                look,
                name="NEWS2",
                score="7",
                title="Hög risk",
                advice="Ring 112 först. Ring sedan sjuksköterskan.",
                detail="Andning 3, syre 2, puls 1, blodtryck 1",
            ),
            c.script_card(
                look,
                [
                    (
                        "S",
                        "Hej, jag heter Amina, undersköterska på Granen. Det gäller Ingegerd Norling, "
                        "född 1936. Hon har svårt att andas sedan klockan fem.",
                    ),
                    (
                        "B",
                        "Hon har hjärtsvikt. Hon är allergisk mot penicillin. Hon tar inte blodförtunnande.",
                    ),
                    (
                        "A",
                        "NEWS2 är 7. Andning 26. Syre 93 utan syrgas. Puls 104. Blodtryck 108 genom 64. "
                        "Temperatur 37,6. Hon är vaken.",
                    ),
                    ("R", "Jag vill att du kommer och bedömer henne nu."),
                ],
            ),
        ],
        c.thumb_bar(
            look,
            Action("Ring 112", nothing, ICON.CALL_ROUNDED, "danger"),
            [Action("Ring sjuksköterskan Karin Ström", nothing, ICON.SUPPORT_AGENT_ROUNDED)],
        ),
    )


def upprepa():
    look = use_look()
    chosen, choose = ft.use_state(frozenset({"ambulance", "measure", "sit"}))
    when, set_when = ft.use_state(15)
    checked, check = ft.use_state(True)
    options = [
        Option("ambulance", "Ambulans", ICON.EMERGENCY_ROUNDED),
        Option("measure", "Mät igen", ICON.MONITOR_HEART_ROUNDED),
        Option("sit", "Sitta upp", ICON.AIRLINE_SEAT_RECLINE_NORMAL_ROUNDED),
        Option("give", "Ge läkemedel", ICON.MEDICATION_ROUNDED),
        Option("look", "Titta till", ICON.VISIBILITY_ROUNDED),
        Option("own", "Skriv eget", ICON.EDIT_ROUNDED),
    ]
    times = [Option(15, "15 min"), Option(30, "30 min"), Option(60, "1 timme")]
    return c.frame(
        look,
        c.app_bar_back(look, "Samtalet", nothing, short_chip(look)),
        [
            c.title_block(look, "Upprepa för Karin", "Karin Ström, sjuksköterska. Ni talades vid 06:52."),
            look.text("Vad ska du göra?", "label", look.palette.ink2),
            c.choices(look, options, chosen, lambda value: choose(chosen ^ {value}), shape="row", columns=2),
            look.text("Mäta igen, när?", "label", look.palette.ink2),
            c.choices(look, times, when, set_when),
            c.say_card(
                look,
                "Säg till Karin",
                "”Ambulansen kommer. Hon ska sitta upp. Jag mäter igen klockan 07:10.”",
            ),
        ],
        c.thumb_bar(
            look,
            Action("Spara. Påminn mig 07:10", nothing if checked else None, ICON.ALARM_ADD_ROUNDED),
            says=c.confirm_box(
                look, "Jag har upprepat och Karin har sagt ja", checked, lambda: check(not checked)
            ),
        ),
    )


def fall():
    look = use_look()
    answers, set_answers = ft.use_state({"head": "yes", "blood": "yes", "pain": "unknown"})
    asked = [
        ("head", "Slog han i huvudet?", ""),
        ("blood", "Blodförtunnande?", "från journalen"),
        ("pain", "Ny smärta?", ""),
        ("stand", "Kan han stå som vanligt?", ""),
        ("tired", "Är han mer trött eller förvirrad?", ""),
    ]
    return c.frame(
        look,
        c.app_bar_back(look, "Tillbaka", nothing, short_chip(look)),
        [
            c.progress_bars(look, 1, 3, title="Fall, Bror Lindqvist"),
            look.heading("Hur mår Bror?"),
            *(
                c.question(
                    look,
                    words,
                    YES_NO,
                    answers.get(key),
                    lambda value, key=key: set_answers({**answers, key: value}),
                    origin=origin,
                )
                for key, words, origin in asked
            ),
        ],
        c.thumb_bar(
            look,
            None,
            [
                Action("Gör SBAR", nothing, ICON.ASSIGNMENT_ROUNDED),
                Action("Fortsätt", nothing, ICON.ARROW_FORWARD_ROUNDED),
            ],
            instead=c.banner(
                look,
                "danger",
                look.t("nurse.contact_now"),
                "Lyft inte Bror ännu.",
                action="Ring Karin Ström",
                on_press=nothing,
            ),
        ),
    )


def vadhande():
    look = use_look()
    where, set_where = ft.use_state("bath")
    seen, set_seen = ft.use_state("no")
    places = [
        Option("room", "Sitt rum", ICON.BED_ROUNDED),
        Option("bath", "Badrum", ICON.SHOWER_ROUNDED),
        Option("hall", "Korridor", ICON.DOOR_FRONT_DOOR_ROUNDED),
        Option("dining", "Matsal", ICON.RESTAURANT_ROUNDED),
        Option("out", "Ute", ICON.PARK_ROUNDED),
        Option("other", "Annat", ICON.MORE_HORIZ_ROUNDED),
    ]
    saw = [Option("yes", "Ja", ICON.VISIBILITY_ROUNDED), Option("no", "Nej", ICON.VISIBILITY_OFF_ROUNDED)]
    return c.frame(
        look,
        c.app_bar_back(look, "Tillbaka", nothing, short_chip(look)),
        [
            c.progress_bars(look, 2, 3, title="Fall, Bror Lindqvist"),
            look.heading("Vad hände?"),
            c.question(look, "Var?", places, where, set_where, shape="tile"),
            c.question(look, "Såg någon?", saw, seen, set_seen, shape="row", columns=2),
        ],
        c.thumb_bar(look, Action(look.t("common.next"), nothing, ICON.ARROW_FORWARD_ROUNDED)),
    )


def status():
    look = use_look()
    return c.frame(
        look,
        c.app_bar_back(look, "Mina rapporter", nothing, short_chip(look)),
        [
            c.case_header(
                look,
                title="Fall, Sune Öberg",
                second="Du rapporterade 12 nov 05:58",
                icon=ICON.PERSONAL_INJURY_ROUNDED,
            ),
            c.feedback_card(
                look,
                "Återkoppling till dig",
                "Maria Nyberg, enhetschef · i går",
                "Tack Amina. Du hittade Sune snabbt och ringde Karin direkt. Golvet var blött. Nu finns en "
                "halkmatta och en lampa som tänds av sig själv.",
                name="Maria Nyberg",
            ),
            c.timeline(
                look,
                [
                    Step("Mottagen", "12 nov 08:10", "Maria Nyberg, enhetschef"),
                    Step("Bedömd", "13 nov 10:30", "Karin Ström, sjuksköterska"),
                    Step("Utredd", "14 nov", "Varför halkade Sune?"),
                    Step("Åtgärd", "17 nov", "Halkmatta och nattlampa i badrummet"),
                ],
            ),
        ],
        c.thumb_bar(
            look,
            Action("Jag har läst. Tack", nothing, ICON.CHECK_ROUNDED),
            [Action("Skriv ett svar eller lägg till", nothing, ICON.EDIT_ROUNDED)],
        ),
    )


def states():
    look = use_look()
    text, set_text = ft.use_state("")
    return c.frame(
        look,
        c.app_bar_back(look, "Tillbaka", nothing, c.sync_chip(look, "action", nothing, short=True)),
        [
            c.empty(look, "Inget att göra nu.", "Nästa 09:30, Ingegerd."),
            c.sync_chip(look, "saved", nothing, count=3),
            c.sync_chip(look, "action", nothing),
            c.error_card(look, "Telefonen är full.", "Det du sparat finns kvar.", "Ring chefen."),
            c.banner(look, "late", "Det gick inte", "Försök igen. Det du skrivit finns kvar."),
            c.text_field(look, "Vad hände?", text, set_text, lines=3, hint="Med egna ord"),
            look.text(f"<{text}>", "small"),
            c.text_field(look, "Hur många?", "", set_text, problem="Skriv ett tal"),
            c.loading(look, 1),
            c.button(look, "Går inte att trycka", None),
        ],
        c.thumb_bar(look, Action("Spara", nothing)),
    )


PAGES = {
    page.__name__: page
    for page in (
        lock,
        kvitto,
        offline,
        aktuellt,
        sammanfattning,
        upprepa,
        fall,
        vadhande,
        status,
        states,
    )
}
