import Type from 'typebox'
import type { Database } from '../core/db/db.ts'
import { defineInstallationTaskKind } from '../core/tasks/kinds.ts'
import { computeDay, type Rest, takeDueDay } from './day-queries.ts'

/** 报表汇总: computes the figures of days of which rows have changed. */
export const computingReports = defineInstallationTaskKind({
  kind: 'report_days',
  name: { zh: '报表汇总', en: 'Report figures' },
  params: Type.Object(
    {
      /** The seconds between two computations of the same day. */
      restSeconds: Type.Integer({ default: 120, minimum: 0, maximum: 86_400 }),
      /** The day also rests this many times as long as its computation took. */
      restTimes: Type.Integer({ default: 20, minimum: 0, maximum: 1000 }),
      /** The days that one run computes at most; the next run goes on. */
      daysPerRun: Type.Integer({ default: 200, minimum: 1, maximum: 5000 }),
    },
    { additionalProperties: false },
  ),
  defaultSchedule: { everySeconds: 60 },
  run: ({ db, params, signal, progress }) => computeDue(db, params, { signal, progress }),
})

type Run = { signal: AbortSignal; progress: (counts: { seen: number }) => void }

/** Computes due days, the newest first, each in a transaction of its own: a computed day stays when a run ends early. */
export async function computeDue(
  db: Database,
  { daysPerRun, ...rest }: Rest & { daysPerRun: number },
  run: Run,
): Promise<{ seen: number }> {
  for (let seen = 0; ; ) {
    run.signal.throwIfAborted()
    const day =
      seen < daysPerRun &&
      (await db.transaction().execute(async (tx) => {
        const due = await takeDueDay(tx, rest)
        if (due !== undefined) await computeDay(tx, due)
        return due
      }))
    if (!day) return { seen }
    seen += 1
    run.progress({ seen })
  }
}
