import type { FastifyRequest } from 'fastify'
import { audit } from '../access/audit.ts'
import type { Tx } from '../db/db.ts'
import { type Routes, route } from '../http/http.ts'
import { idParams, nothing } from '../http/http-contract.ts'
import {
  dayAnswer,
  newTaskAnswer,
  newTaskBody,
  runAnswer,
  runBody,
  taskPatch,
  tasksAnswer,
  tasksQuery,
} from './contract.ts'
import type { TaskKind } from './kinds.ts'
import { listTasks, sumOfDay, taskRuns } from './lists.ts'
import {
  addTask,
  changeTask,
  dropTask,
  type RunRequest,
  requestRun,
  stopRun,
  type TaskChange,
  type TaskOf,
} from './tasks.ts'

type App = Parameters<Routes>[0]

export function taskRoutes<Shop>(kinds: readonly TaskKind<Shop>[]): Routes {
  return async (app) => {
    app.get(
      '/api/tasks',
      route('tasks.read', 'Tasks with schedule, state and last run', {
        querystring: tasksQuery,
        response: { 200: tasksAnswer },
      }),
      async (request) => ({ rows: await listTasks(app.db, kinds, request.query, request.scope) }),
    )
    app.patch(
      '/api/tasks/:id',
      route(
        'tasks.write',
        'Change a task; effective within a second',
        { params: idParams, body: taskPatch, response: nothing },
        ['not_found'],
      ),
      async (request, reply) => {
        const change: TaskChange = request.body
        const { id } = request.params
        await app.db.transaction().execute(async (tx) => {
          const task = await changeTask(tx, kinds, { taskId: id, change }, request.scope)
          const { enabled, schedule, params } = change
          await note(tx, request, { action: 'task.change', id, task, detail: { enabled, schedule, params } })
        })
        return reply.code(204).send(null)
      },
    )
    app.post(
      '/api/tasks',
      route(
        'tasks.write',
        'One more task of a kind for a shop, under its own name; switched off at first',
        { body: newTaskBody, response: { 201: newTaskAnswer } },
        ['not_found', 'duplicate'],
      ),
      async (request, reply) => {
        const { body, scope } = request
        const id = await app.db.transaction().execute(async (tx) => {
          const made = await addTask(tx, kinds, body, scope)
          await note(tx, request, { action: 'task.add', id: made, task: body, detail: { name: body.name } })
          return made
        })
        return reply.code(201).send({ id })
      },
    )
    app.delete(
      '/api/tasks/:id',
      route(
        'tasks.write',
        'Take away a task that somebody added; the one that every shop has stays',
        { params: idParams, response: nothing },
        ['not_found', 'task_stays'],
      ),
      async (request, reply) => {
        const { id } = request.params
        await app.db.transaction().execute(async (tx) => {
          const task = await dropTask(tx, id, request.scope)
          await note(tx, request, { action: 'task.drop', id, task })
        })
        return reply.code(204).send(null)
      },
    )
    runRoutes(app, kinds)
  }
}

function runRoutes<Shop>(app: App, kinds: readonly TaskKind<Shop>[]): void {
  app.post(
    '/api/tasks/:id/run',
    route(
      'tasks.run',
      'Run now, with another window or parameters if given; after the run under way. Parameters of a task of the installation need tasks.write',
      { params: idParams, body: runBody, response: { 202: runAnswer } },
      ['not_found', 'run_queue_full', 'forbidden'],
    ),
    async (request, reply) => {
      const { from, to, params } = request.body
      const asked: RunRequest = {
        ...(from === undefined ? {} : { from: new Date(from) }),
        ...(to === undefined ? {} : { to: new Date(to) }),
        ...(params === undefined ? {} : { params }),
      }
      const { actor, scope, permissions } = request
      const { id } = request.params
      const by = { actor, scope, mayChange: permissions.has('tasks.write') }
      const made = await app.db.transaction().execute(async (tx) => {
        const { task, ...made } = await requestRun(tx, kinds, { taskId: id, ...asked }, by)
        if (params && task.shopId === null)
          await note(tx, request, { action: 'task.run', id, task, detail: { params, run: made.runId } })
        return made
      })
      return reply.code(202).send(made)
    },
  )
  app.get(
    '/api/task-runs/counts',
    route('tasks.read', 'What the runs of a day did', {
      querystring: taskRuns(kinds).filter,
      response: { 200: dayAnswer },
    }),
    async (request) => sumOfDay(app.db, request.query, request.scope),
  )
  app.post(
    '/api/task-runs/:id/stop',
    route('tasks.run', 'Stop a run', { params: idParams, response: nothing }, ['not_found', 'run_ended']),
    async (request, reply) => {
      const { id } = request.params
      await app.db.transaction().execute(async (tx) => {
        const task = await stopRun(tx, id, request.scope)
        await note(tx, request, { action: 'task_run.stop', id, task })
      })
      return reply.code(204).send(null)
    },
  )
}

type Noted = { action: string; id: string; task: TaskOf; detail?: Record<string, unknown> }

/**
 * A task starts or stops the orders of its shop, so each change leaves an audit row. A run keeps who asked for it, so it leaves one only for
 * other parameters of a task of the installation.
 */
async function note(
  tx: Tx,
  { actor, ip, id: requestId }: Pick<FastifyRequest, 'actor' | 'ip' | 'id'>,
  { action, id, task, detail = {} }: Noted,
): Promise<void> {
  const type = action.startsWith('task_run') ? 'task_run' : 'task'
  await audit(tx, {
    ...{ actor, action, subject: { type, id }, request: { ip, id: requestId } },
    ...{ shopId: task.shopId ?? undefined, detail: { kind: task.kind, ...detail } },
  })
}
