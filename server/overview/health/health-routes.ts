import { isWholeScope } from '../../alarms/notices/channels.ts'
import { type Routes, route } from '../../core/http/http.ts'
import { remember } from '../../core/http/remember.ts'
import { workerName } from '../../core/jobs/engine.ts'
import { thisProgram } from '../../core/upgrade/program.ts'
import { AppError } from '../../errors.ts'
import { sharedNow } from '../../lib/clock.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { type Finding, health, sizes } from './contract.ts'
import { installationFindings } from './installation.ts'
import { findingsOf } from './look.ts'
import {
  certificateFindings,
  folderFindings,
  keyFindings,
  migrationFindings,
  programFinding,
  serverFindings,
  standbyFindings,
} from './machine.ts'
import { growthFindings, sizesOf } from './sizes.ts'

/** The milliseconds for which a look is kept, for all who ask. */
const maxAgeMs = 5000
/** Sizes change slowly, and the size of a large table costs a look at each of its files. */
const sizesAgeMs = 60_000

/** 健康: what `npm run doctor` says, for people with all shops and warehouses. */
export const healthRoutes =
  (taskName: (kind: string) => LocalizedText | undefined): Routes =>
  async (app) => {
    const { db, pool, config } = app
    const by = workerName()
    const look = remember(maxAgeMs, async () => {
      const now = sharedNow()
      const found: Finding[][] = [
        [programFinding(await thisProgram())],
        await findingsOf('database', () => serverFindings({ pool })),
        standbyFindings(app.standbyState?.()),
        await findingsOf('migrations', () => migrationFindings({ pool })),
        await findingsOf('keys', () => keyFindings({ db }, config)),
        await findingsOf('disk', () => folderFindings(config)),
        await findingsOf('disk', () => growthFindings(db, config, now)),
        await findingsOf('certificate', () => certificateFindings(config)),
        await installationFindings({ db, now, taskName, isOneOfMany: config.directoryUrl !== undefined }),
      ]
      const rows = found.flat().map((row) => ({ remedy: null, to: null, act: null, ...row }))
      return { at: now.toISOString(), by, rows }
    })
    app.get(
      '/api/health',
      route(
        'tasks.write',
        'How the installation is: what npm run doctor says',
        { tags: ['overview'], response: { 200: health } },
        ['outside_scope'],
      ),
      async ({ scope }) => {
        if (!isWholeScope(scope)) throw new AppError('outside_scope')
        return look(scope)
      },
    )
    const measure = remember(sizesAgeMs, () => sizesOf(db, config, sharedNow()))
    app.get(
      '/api/health/sizes',
      route(
        'tasks.write',
        'How much data there is, how it grows, and until when the disk lasts',
        { tags: ['overview'], response: { 200: sizes } },
        ['outside_scope'],
      ),
      async ({ scope }) => {
        if (!isWholeScope(scope)) throw new AppError('outside_scope')
        return measure(scope)
      },
    )
  }
