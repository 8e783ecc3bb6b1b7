"""The faults job, as the table of jobs knows it."""

from tfseis.jobs.contract import Job

JOB = Job(
    name="faults",
    about="Find the faults of a cube.",
    settings="tfseis.jobs.faults.settings:FaultSettings",
    recipe="tfseis.jobs.faults.recipe:FaultRecipe",
    train="tfseis.jobs.faults.train:train_faults",
    apply="tfseis.jobs.faults.apply:apply_faults",
    command="tfseis.jobs.faults.command",
    signatures="tfseis.jobs.faults.export:signatures",
    examples="tfseis.jobs.faults.export:examples",
    network="tfseis.jobs.faults.recipe:network",
)
