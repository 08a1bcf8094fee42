import {
  dayAnswer,
  dayQuery,
  newTaskAnswer,
  newTaskBody,
  runAnswer,
  runBody,
  runsAnswer,
  runsQuery,
  taskPatch,
  tasksAnswer,
  tasksQuery,
} from './contract.ts'

/** The request and response types of this slice's API, used by the pages. */
export const tasksApi = {
  'GET /task-runs': { query: runsQuery, response: runsAnswer },
  'GET /task-runs/counts': { query: dayQuery, response: dayAnswer },
  'POST /task-runs/:id/stop': {},
  'GET /tasks': { query: tasksQuery, response: tasksAnswer },
  'POST /tasks': { body: newTaskBody, response: newTaskAnswer },
  'DELETE /tasks/:id': {},
  'PATCH /tasks/:id': { body: taskPatch },
  'POST /tasks/:id/run': { body: runBody, response: runAnswer },
}
