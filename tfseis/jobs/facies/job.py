"""The facies job, as the table of jobs knows it."""

from tfseis.jobs.contract import Job

JOB = Job(
    name="facies",
    about="Label a whole cube from a few labelled points or sections.",
    settings="tfseis.jobs.facies.settings:FaciesSettings",
    recipe="tfseis.jobs.facies.recipe:FaciesRecipe",
    train="tfseis.jobs.facies.train:train_facies",
    apply="tfseis.jobs.facies.apply:apply_facies",
    command="tfseis.jobs.facies.command",
    signatures="tfseis.jobs.facies.export:signatures",
)
