"""Applications of every stream, and days in and between the phases, for property tests."""

from datetime import date

from hypothesis import strategies as st

from tests.factories import an_application

costs = st.integers(1, 100_000_000_000)
stated = st.sampled_from([None, True, False])
connections = st.one_of(
    st.fixed_dictionaries({"ground": st.just("1a"), "applicant_is_party": stated}),
    st.fixed_dictionaries({"ground": st.just("1b"), "applicant_gives_capital": stated}),
    st.fixed_dictionaries({"ground": st.just("2")}),
    st.fixed_dictionaries(
        {
            "ground": st.just("1c"),
            "agreement_subsists": st.booleans(),
            "applicant_is_party": stated,
        }
    ),
    st.fixed_dictionaries(
        {
            "ground": st.just("1d"),
            "mainland_share_percent": st.decimals(49, 51, places=4),
            "hong_kong_share_percent": st.decimals(29, 31, places=4),
            "same_resident": st.booleans(),
            "holder_is_natural_person": stated,
            "holder_is_hong_kong_resident": stated,
        }
    ),
    st.fixed_dictionaries(
        {
            "ground": st.just("3"),
            "processes": st.lists(
                st.sampled_from(["vehicle-engine-testing", "other"]), min_size=1, max_size=2
            ),
        }
    ),
)
holders = st.sampled_from(
    [
        None,
        "equity-joint-venture",
        "wholly-foreign-owned-enterprise",
        "other-mainland-enterprise",
        "applicant",
    ]
)
parts = {
    "enterprise": st.fixed_dictionaries(
        {"business_registration_valid_until": st.none() | st.dates(date(2012, 1, 1))}
    ),
    "connection": connections,
    "further_grounds": st.just([]) | st.lists(connections, max_size=2),
    "factory": st.fixed_dictionaries(
        {
            "place": st.sampled_from(["guangdong", "hong-kong", "elsewhere"]),
            "industry": st.sampled_from(["textiles", "other"]),
            "owned_by": holders,
            "operated_by": holders,
        }
    ),
    "project": st.fixed_dictionaries(
        {
            "cost_cents": costs,
            "starts_on": st.dates(),
            "ends_on": st.dates(),
            "requested_cents": st.none() | costs,
            "other_public_funding": stated,
        }
    ),
}
organisations = st.fixed_dictionaries(
    {"kind": st.sampled_from(["trade-association", "other"]), "based_in_hong_kong": st.booleans()}
)
technologies = st.fixed_dictionaries(
    {
        "on_technology_list": st.booleans(),
        "developed_by": st.sampled_from(["hong-kong", "hong-kong-and-guangdong", "others"]),
    }
)
factory_streams = st.sampled_from(
    ["assessment", "demonstration", "demonstration-i", "demonstration-ii", "verification"]
)
applications = st.one_of(
    st.builds(an_application, factory_streams, **parts),
    st.builds(an_application, st.just("new-technology"), **parts, technology=technologies),
    st.builds(
        an_application,
        st.just("organisation-support"),
        project=parts["project"],
        organisation=organisations,
    ),
)
in_phases = [date(2014, 6, 3), date(2017, 6, 3), date(2023, 6, 3), date(2026, 6, 3)]
days = st.sampled_from(in_phases) | st.dates(date(2012, 1, 1), date(2028, 12, 31))
