import { deliveriesIn } from './deliveries.ts'
import { call, type Deeds, distinct, field, list, type Person, some } from './person.ts'

type Document = { seq: number }
type Result = { seq: number; printed: boolean; message: string }

/** Labels are printed: a job hands its documents to the print client, which reports each of them. */
export const paperDeeds: Deeds = [
  [['print', print], 5],
  [['print again', printAgain], 1],
  [['a job that was left', leftJob], 4],
]

/** How a job ends. `gone`: the browser ends with documents in hand. `later`: it waits. */
const ends = ['printed', 'printed', 'printed', 'printed', 'jam', 'gone', 'later'] as const
type End = (typeof ends)[number]

export async function print(me: Person): Promise<void> {
  const ids = distinct(some(me, await deliveriesIn(me, 'print'), 25))
  if (ids.length > 0) await begin(me, ids, '', me.random.pick(ends))
}

async function printAgain(me: Person): Promise<void> {
  const ids = distinct(some(me, await deliveriesIn(me, 'pending', '&waybill=yes'), 2))
  if (ids.length > 0) await begin(me, ids, '面单糊了', 'printed')
}

async function begin(me: Person, ids: readonly string[], reason: string, end: End): Promise<void> {
  const body = { ids, printer: '', reason }
  // Two browsers may print the same parcels at once.
  const others = me.random.chance(0.2) ? [call(me, 'POST', '/api/print-jobs', body)] : []
  const made = await Promise.all([call(me, 'POST', '/api/print-jobs', body), ...others])
  for (const one of made) {
    const job = field(one, 'job')
    if (typeof job === 'string' && end !== 'later') await goOn(me, job, end)
  }
}

/** Takes the documents of a job some at a time, and says what came of them. */
async function goOn(me: Person, job: string, end: Exclude<End, 'later'>): Promise<void> {
  let results: Result[] = []
  for (let turn = 0; turn < 30; turn += 1) {
    const answer = await call(me, 'POST', `/api/print-jobs/${job}/next`, { results, most: 10 })
    const handed = field(answer, 'documents')
    const documents: Document[] = Array.isArray(handed) ? handed : []
    if (documents.length === 0 || (end === 'gone' && me.random.chance(0.5))) return
    results = documents.map(({ seq }) => ({
      ...{ seq, message: '' },
      printed: end !== 'jam' || me.random.chance(0.7),
    }))
  }
}

/** Lets a clerk settle, continue or stop the oldest of the jobs that were not finished. */
async function leftJob(me: Person): Promise<void> {
  const jobs = await list<{ id: string; total: number }>(me, '/api/print-jobs')
  const job = jobs[jobs.length - 1]
  if (!job) return
  const how = me.random.pick(['settle', 'settle', 'stop', 'go on'] as const)
  if (how === 'go on') await goOn(me, job.id, 'printed')
  else if (how === 'stop') await call(me, 'POST', `/api/print-jobs/${job.id}/stop`)
  else await call(me, 'POST', `/api/print-jobs/${job.id}/settle`, { last: me.random.between(0, job.total) })
}
