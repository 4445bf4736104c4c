/** The file that a task with tests leaves in its folder, in vitest's JSON. */
export const reportFile = "test-report.json";

/**
 * Counts one task of turbo's summary: each test of its report, or the task itself as one check.
 *
 * @param {object} task one of `tasks` in the summary of a turbo run
 * @param {object | undefined} report the content of its report file, if there is one
 * @returns {{ name: string, passed: number, failures: string[], skips: string[] }}
 */
export function tally(task, report) {
  const check = { name: task.taskId, passed: 0, failures: [], skips: [] };
  const succeeded = task.execution?.exitCode === 0;
  if (!task.outputs?.includes(reportFile)) {
    if (succeeded) check.passed = 1;
    else check.failures.push(task.execution === undefined ? "did not run" : "see above");
  } else if (report === undefined || !isOf(task, report)) {
    check.failures.push("left no report");
  } else {
    countTests(check, report);
    // An error outside of any test fails the run, yet no test in the report.
    if (!succeeded && check.failures.length === 0) check.failures.push("see above");
  }
  return check;
}

/** A run that died early leaves the report of an earlier run behind. */
function isOf(task, report) {
  return task.cache.status === "HIT" || report.startTime >= task.execution?.startTime;
}

function countTests(check, report) {
  for (const file of report.testResults) {
    if (
      file.status === "failed" &&
      file.assertionResults.every((test) => test.status !== "failed")
    ) {
      check.failures.push(`${file.name}: ${file.message}`);
    }
    for (const test of file.assertionResults) {
      if (test.status === "passed") check.passed += 1;
      else if (test.status === "failed") check.failures.push(test.fullName);
      else check.skips.push(test.fullName);
    }
  }
}
