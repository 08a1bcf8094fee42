import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { audit } from '../core/access/audit.ts'
import { type Routes, route } from '../core/http/http.ts'
import type { Language } from '../core/lists/declare-contract.ts'
import type { List } from '../core/lists/define.ts'
import { AppError } from '../errors.ts'
import { sharedNow } from '../lib/clock.ts'
import { type SheetPart, xlsx, xlsxHeaders } from '../lib/files/xlsx-out.ts'
import { createLimiter, type Limiter } from '../lib/limiter.ts'
import { safeError } from '../lib/safe-error.ts'
import { assertPermission } from '../users/sign-in/authenticate.ts'
import { type ExportList, type ExportParts, exportLists } from './export-lists.ts'

/**
 * A sheet has at most this many rows, because office programs cannot use more. A longer list is cut, with a note in the sheet. Other
 * programs can read the API page by page.
 */
const rowsMax = 200_000
/** One process writes at most two sheets at the same time; further requests wait, and are refused after two minutes. */
const rate = { perSecond: 100, concurrent: 2 }
/** `idleMs`: a reader who takes nothing for this long is given up, so that a paused download does not stop the exports of others. */
const usual = { rowsMax, idleMs: 60_000, waitMs: 120_000 }
type Limits = typeof usual

/** Makes the routes that export a list as XLSX: GET /api/exports/<list>.xlsx?<the list's filters>&language=en. `others`: sheets of higher slices. */
export const exportRoutes = (
  lists: readonly List[],
  { others = [], ...given }: Partial<Limits> & { others?: readonly ExportList[] } = {},
): Routes => {
  return async (app) => {
    const turns = { limiter: createLimiter(), limits: { ...usual, ...given } }
    for (const list of [...exportLists(lists), ...others]) addExport(app, list, turns)
  }
}

type App = Parameters<Routes>[0]
type Written = { rows: number; cut: boolean; outcome: 'whole' | 'aborted' | 'failed' }
type Turns = { limiter: Limiter; limits: Limits }

function addExport(app: App, list: ExportList, turns: Turns): void {
  app.get(
    `/api/exports/${list.name}.xlsx`,
    {
      ...route('export', `${list.title.en} as XLSX; needs ${list.permission} too`, {
        tags: ['exports'],
        querystring: list.query,
      }),
      // A HEAD request would write the whole sheet only for its length.
      exposeHeadRoute: false,
    },
    async (request, reply) => {
      assertPermission(request, list.permission)
      const language = languageOf(request.query)
      const asked: ExportParts = { db: app.db, scope: request.scope, language }
      const pages = list.pages(asked, request.query)
      // The first page is read before the response begins, so that an invalid filter is still answered with an error.
      const first = await pages.next()
      await note(app, request, {
        list,
        action: 'list.export',
        detail: { filters: filterNames(request.query), language },
      })

      const written: Written = { rows: 0, cut: false, outcome: 'aborted' }
      const parts = partsOf(rest(first, pages), language, turns.limits.rowsMax, written)
      const file = Readable.from(xlsx(list.title[language], list.columns(language, request.query), parts), {
        objectMode: false,
      })
      const headers = xlsxHeaders(list.title[language], list.name, sharedNow())
      void inTurn(turns, reply, () => reply.headers(headers).send(file), file)
        .catch((error: unknown) => {
          written.outcome = isLeaving(error) ? 'aborted' : 'failed'
          if (isLeaving(error)) return
          if (!(error instanceof AppError))
            request.log.error({ err: safeError(error) }, 'an export broke off')
          if (!reply.raw.headersSent) void reply.send(error)
        })
        .then(() => note(app, request, { list, action: 'list.export_end', detail: written }))
        .catch((error: unknown) =>
          request.log.error({ err: safeError(error) }, 'the end of an export was not noted'),
        )
      return reply
    },
  )
}

/**
 * True if the reader left or was given up, before or while the file was sent. The answer is destroyed after any other error too, so it does not
 * show this.
 */
const isLeaving = (error: unknown) =>
  error instanceof Error &&
  (error.name === 'AbortError' || ('code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'))

/**
 * Sends the file when the limiter has a free slot. Settles when the file was read or the client has disconnected. Throws `too_many_at_once` if no
 * slot becomes free in time.
 */
async function inTurn(
  { limiter, limits }: Turns,
  reply: FastifyReply,
  send: () => unknown,
  file: Readable,
): Promise<void> {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const late = setTimeout(() => gone.abort(new AppError('too_many_at_once')), limits.waitMs)
  const begin = async () => {
    clearTimeout(late)
    const ended = finished(file)
    send()
    const stop = giveUpIdle(reply, limits.idleMs)
    await ended.finally(stop)
  }
  await limiter.run('export', rate, begin, gone.signal).finally(() => {
    clearTimeout(late)
    file.destroy()
  })
}

/** Ends the answer when bytes wait for its reader, who has taken none for `idleMs`. Returns how to stop looking. */
function giveUpIdle({ raw }: FastifyReply, idleMs: number): () => void {
  let [sent, since] = [0, performance.now()]
  const look = () => {
    const now = raw.socket?.bytesWritten ?? 0
    // While no bytes wait, the rows are being read from the database.
    if (now !== sent || !raw.writableNeedDrain) [sent, since] = [now, performance.now()]
    else if (performance.now() - since >= idleMs) raw.destroy()
  }
  const timer = setInterval(look, idleMs / 10)
  return () => clearInterval(timer)
}

type Pages = ReturnType<ExportList['pages']>
type Rows = Pages extends AsyncGenerator<infer Page> ? Page : never

/** Yields the page that was read already, then the other pages. */
async function* rest(first: IteratorResult<Rows>, others: Pages): Pages {
  if (first.done) return
  yield first.value
  yield* others
}

/** Yields pages up to the limit and counts their rows. If rows are left out, a note says so. */
async function* partsOf(
  pages: Pages,
  language: Language,
  max: number,
  written: Written,
): AsyncGenerator<SheetPart> {
  for await (const page of pages) {
    const fits = page.slice(0, max - written.rows)
    yield fits
    written.rows += fits.length
    written.cut = fits.length < page.length
    if (written.cut) break
  }
  if (written.cut) yield { note: cutNote(max)[language] }
  written.outcome = 'whole'
}

function cutNote(max: number): Record<Language, string> {
  const n = max.toLocaleString('en-US')
  return {
    zh: `只导出了前 ${n} 行，后面还有。缩小筛选后分次导出。`,
    en: `Only the first ${n} rows are here; there are more. Narrow the filter and export in parts.`,
  }
}

/** Writes the export to the audit log with the names of its filters. Their values may be a buyer's data and are left out. */
async function note(
  app: App,
  request: FastifyRequest,
  { list, action, detail }: { list: ExportList; action: string; detail: Record<string, unknown> },
): Promise<void> {
  const { actor, ip, id } = request
  await app.db
    .transaction()
    .execute((tx) =>
      audit(tx, { actor, action, subject: { type: 'list', id: list.name }, detail, request: { ip, id } }),
    )
}

function languageOf(query: unknown): Language {
  return typeof query === 'object' && query !== null && 'language' in query && query.language === 'en'
    ? 'en'
    : 'zh'
}

function filterNames(query: unknown): string[] {
  return typeof query === 'object' && query !== null
    ? Object.keys(query).filter((name) => name !== 'language' && name !== 'sort')
    : []
}
