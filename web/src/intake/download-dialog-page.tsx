import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { ApiError, errorText, get, post } from '../api.ts'
import { failureOf, pulledOf } from '../tasks/words.ts'
import { Button, Segments } from '../ui/base/button.tsx'
import { troubleText } from '../ui/base/code-words.ts'
import { Note } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { useAllowed, useShops } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { readBeijing } from '../ui/base/time.ts'
import { shared } from '../ui/base/words.ts'
import { Choice, Field, TextArea, TextField } from '../ui/form/form.tsx'
import { notNumbers, readNumbers } from '../ui/list/filters.ts'
import { Dialog } from '../ui/overlay/overlay.tsx'
import { useSay } from '../words.ts'

const RangePicker = lazy(() => import('../ui/form/pickers-page.tsx'))

/** Shop and way of the download as they were at its start; the form may have changed since. */
type Started = { shopId: string; by: 'number' | 'window' }

const words = {
  trade: ['下载订单', 'Download trades'],
  refund: ['下载退单', 'Download refunds'],
  byNumber: ['按单号', 'By number'],
  byWindow: ['按时间', 'By time'],
  numbers: ['单号', 'Numbers'],
  window: ['修改时间，北京时间', 'Modified between, Beijing time'],
  status: ['平台状态，可不填', "The platform's status, optional"],
  start: ['下载', 'Download'],
  startMany: ['下载 {n} 个单号', 'Download {n} {n|number|numbers}'],
  hint: [
    '已在库的会更新；没找到的会列出来。',
    'What is here is brought up to date; what is not found is listed.',
  ],
  fetched: [
    '取到 {seen}，新增 {created}，更新 {updated}',
    '{seen} fetched, {created} new, {updated} updated',
  ],
  /** For a span, only the list is downloaded by this run; the details of its trades are requested later. */
  listed: ['列出 {seen}，新增 {created}，更新 {updated}', '{seen} listed, {created} new, {updated} updated'],
} as const

type DocumentKind = 'trade' | 'refund'

/** A manual download by numbers, or by a span of modified time. Shows the run until it ends. */
export default function DownloadDialog({ kind, onClose }: { kind: DocumentKind; onClose: () => void }) {
  const say = useSay()
  const shops = useShops()
  const form = useDownloadForm()
  const { shop, by, numbers } = form
  const start = useDownload(kind, form)
  const title = say(words[kind])
  return (
    <Dialog
      title={title}
      label={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{say(start.data ? shared.close : shared.cancel)}</Button>
          <Button
            kind="primary"
            busy={start.isPending}
            why={form.missing}
            onClick={() => start.mutate({ shopId: shop, by })}
          >
            {by === 'number' && numbers.length > 0
              ? say(words.startMany, { n: numbers.length })
              : say(words.start)}
          </Button>
        </>
      }
    >
      <Choice
        label={say(shared.shop)}
        value={shop}
        onChange={form.setShopId}
        options={[
          ...(shop === '' ? [{ value: '', label: say(['选择店铺', 'Choose a shop']) }] : []),
          ...shops.map((each) => ({ value: each.id, label: `${say(each.label)} · ${each.name}` })),
        ]}
      />
      <div>
        <Segments
          label={title}
          value={by}
          onChange={form.setBy}
          options={[
            { value: 'number', label: say(words.byNumber) },
            { value: 'window', label: say(words.byWindow) },
          ]}
        />
      </div>
      {by === 'number' ? <NumberFields form={form} /> : <WindowFields form={form} />}
      {start.error && (
        <Note tone="bad">
          {errorText(start.error)}{' '}
          {start.error instanceof ApiError && <span className="t3">{start.error.requestId}</span>}
        </Note>
      )}
      {start.data && (
        <PullRun key={start.data.runId} runId={start.data.runId} kind={kind} by={start.variables.by} />
      )}
    </Dialog>
  )
}

/** The typed and chosen fields. `missing`: the reason why the download cannot start yet. */
function useDownloadForm() {
  const say = useSay()
  const shops = useShops()
  const [shopId, setShopId] = useState('')
  const [by, setBy] = useState<Started['by']>('number')
  const [typed, setTyped] = useState('')
  const [range, setRange] = useState('')
  const [status, setStatus] = useState('')
  // A number belongs to one shop, so with several shops the user must choose one.
  const only = shops.length === 1 ? shops[0]?.id : undefined
  const shop = shopId || (only ?? '')
  const numbers = readNumbers(typed)
  const [begin = '', end = ''] = range.split('~')
  const [from, to] = [readBeijing(begin), readBeijing(end)]
  const missing =
    shop === ''
      ? say(['先选店铺', 'Choose the shop first'])
      : by === 'number'
        ? numbers.length === 0 && say(['先粘贴单号', 'Paste the numbers first'])
        : (from === undefined || to === undefined) && say(['先选起止时间', 'Choose both times first'])
  return {
    ...{ shop, setShopId, by, setBy, typed, setTyped, numbers },
    ...{ range, setRange, from, to, status, setStatus, missing: missing || undefined },
  }
}
type DownloadForm = ReturnType<typeof useDownloadForm>

function useDownload(kind: DocumentKind, { numbers, from, to, status }: DownloadForm) {
  return useMutation({
    mutationFn: ({ shopId, by }: Started) =>
      post(kind === 'trade' ? '/staged-trades/download' : '/staged-refunds/download', {
        shopId,
        ...(by === 'number' ? { [kind === 'trade' ? 'tids' : 'refundNos']: numbers } : { from, to }),
        ...(by === 'window' && status !== '' ? { status } : {}),
      }),
  })
}

function NumberFields({ form: { typed, setTyped, numbers } }: { form: DownloadForm }) {
  const say = useSay()
  const strange = notNumbers(typed)
  return (
    <TextArea
      label={say(words.numbers)}
      rows={8}
      value={typed}
      onChange={setTyped}
      aside={say(['认出 {n} 个', '{n} recognised'], { n: numbers.length })}
      hint={
        strange.length === 0
          ? say(words.hint)
          : say(['不是单号，不下载：{list}', 'No number, left out: {list}'], {
              list: strange.slice(0, 5).join(' '),
            })
      }
    />
  )
}

function WindowFields({ form }: { form: DownloadForm }) {
  const say = useSay()
  return (
    <>
      <Field label={say(words.window)}>
        {() => (
          <Suspense fallback={<div style={{ height: 30 }} />}>
            <RangePicker value={form.range} onChange={form.setRange} />
          </Suspense>
        )}
      </Field>
      <TextField label={say(words.status)} value={form.status} onChange={form.setStatus} />
    </>
  )
}

type PullProps = { runId: string; kind: DocumentKind; by: Started['by'] }

/** The run of the download, with the numbers that the shop does not know. */
function PullRun({ runId, kind, by }: PullProps) {
  const say = useSay()
  const why = useAllowed()('tasks.read')
  const { data } = usePullRun(runId, kind, why === undefined)
  const run = data?.run
  // The user may not read runs, or the run was deleted. The list shows the downloaded documents in any case.
  if (why !== undefined || (data && !run))
    return (
      <Status tone="move">
        {say(['已开始下载，取到的会出现在列表里', 'Begun; what is fetched appears in the list'])}
      </Status>
    )
  if (!run) return <Status tone="ring">{say(['排队中', 'Queued'])}</Status>
  const { seen, created, updated } = run
  const figures = say(by === 'number' ? words.fetched : words.listed, { seen, created, updated })
  return (
    <div className="stack" role="status">
      <Status tone={run.endedAt === null ? 'move' : run.state === 'done' ? 'ok' : 'bad'}>
        {run.endedAt === null
          ? say(['下载中', 'Downloading'])
          : run.state === 'done'
            ? say(['完成', 'Done'])
            : failureOf(run, say) || troubleText(run.errorCode, say)}
        <span className="t2 num">{` ${figures}`}</span>
      </Status>
      {pulledOf(run.report).map(({ words: title, numbers }) => (
        <Note key={title[1]} tone="warn">
          {say(title, { n: numbers.length })} <span className="num">{numbers.join(' ')}</span>
        </Note>
      ))}
    </div>
  )
}

/** Reads the run until it has ended. Then all lists are read again. */
function usePullRun(runId: string, kind: DocumentKind, enabled: boolean) {
  const queries = useQueryClient()
  return useQuery({
    queryKey: ['/task-runs', 'of', runId],
    enabled,
    queryFn: async () => {
      // Runs are listed newest first, so the page after id + 1 begins with this run.
      const { rows } = await get('/task-runs', {
        kind: `${kind}_pull`,
        after: String(BigInt(runId) + 1n),
        limit: 1,
      })
      const run = rows.find((each) => each.id === runId)
      if (run?.endedAt)
        void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== '/task-runs' })
      return { run }
    },
    refetchInterval: (query) => {
      const { data } = query.state
      return data && (!data.run || data.run.endedAt) ? false : every(1000)(query)
    },
  })
}
