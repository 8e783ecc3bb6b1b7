"""The salt job, as the table of jobs knows it."""

from tfseis.jobs.contract import Job

JOB = Job(
    name="salt",
    about="Mark salt on images and in cubes.",
    settings="tfseis.jobs.salt.settings:SaltSettings",
    recipe="tfseis.jobs.salt.recipe:SaltRecipe",
    train="tfseis.jobs.salt.train:train_salt",
    apply="tfseis.jobs.salt.apply:apply_salt",
    command="tfseis.jobs.salt.command",
    signatures="tfseis.jobs.salt.export:signatures",
    examples="tfseis.jobs.salt.export:examples",
)
