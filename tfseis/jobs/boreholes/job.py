"""The boreholes job, as the table of jobs knows it."""

from tfseis.jobs.contract import Job

JOB = Job(
    name="boreholes",
    about="Mark lines and fractures in borehole images.",
    settings="tfseis.jobs.boreholes.settings:BoreholeSettings",
    recipe="tfseis.jobs.boreholes.recipe:BoreholeRecipe",
    train="tfseis.jobs.boreholes.train:train_boreholes",
    apply="tfseis.jobs.boreholes.apply:apply_boreholes",
    command="tfseis.jobs.boreholes.command",
    signatures="tfseis.jobs.boreholes.export:signatures",
    examples="tfseis.jobs.boreholes.export:examples",
)
