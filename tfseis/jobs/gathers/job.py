"""The gathers job, as the table of jobs knows it."""

from tfseis.jobs.contract import Job

JOB = Job(
    name="gathers",
    about="Take noise out of pre-stack gathers.",
    settings="tfseis.jobs.gathers.settings:GatherSettings",
    recipe="tfseis.jobs.gathers.recipe:GatherRecipe",
    train="tfseis.jobs.gathers.train:train_gathers",
    apply="tfseis.jobs.gathers.apply:apply_gathers",
    command="tfseis.jobs.gathers.command",
    signatures="tfseis.jobs.gathers.export:signatures",
    network="tfseis.jobs.gathers.recipe:network",
)
