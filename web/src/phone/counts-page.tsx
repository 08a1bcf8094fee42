import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { errorText, get, post } from '../api.ts'
import type { Answer } from '../api-routes.ts'
import { outcomeText } from '../ui/act/batch-words.ts'
import { keptKey } from '../ui/base/act-key.ts'
import { Button } from '../ui/base/button.tsx'
import { LoadError } from '../ui/base/empty.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { nearTime } from '../ui/base/time.ts'
import { Confirm } from '../ui/overlay/confirm.tsx'
import { useSay } from '../words.ts'
import { keptQuery } from './kept-query.ts'
import { useQueue, waitingScans } from './queue.ts'
import { Phone } from './shell.tsx'
import { useInTurn } from './use-in-turn.ts'
import { type News, useNews } from './use-news.ts'
import { useWarehouse } from './warehouse.ts'

type Task = Answer<'GET', '/count-tasks'>['rows'][number]

/** 盘点: what is to be counted in this warehouse, and a new count of bins or goods that are scanned. */
export default function CountsPage() {
  const say = useSay()
  const navigate = useNavigate()
  const inTurn = useInTurn()
  const teller = useNews()
  const why = useAllowed()('inventory.write')
  const { id: warehouseId } = useWarehouse()
  const [codes, setCodes] = useState<readonly string[]>([])
  // A second press after a lost answer opens the count that the first has begun.
  const [keys] = useState(keptKey)
  const [ending, setEnding] = useState<Task>()
  useQueue()
  const tasks = useQuery({
    ...keptQuery(['/count-tasks', warehouseId], () =>
      get('/count-tasks', { tab: 'open', warehouse: warehouseId }),
    ),
    enabled: warehouseId !== '',
  })
  const add = (code: string) =>
    inTurn(async () => {
      setCodes((before) => [...new Set([...before, code.toUpperCase()])])
      teller.tell({ tone: 'ok', text: say(['加入盘点：{code}', 'To be counted: {code}'], { code }) })
    })
  const start = () =>
    inTurn(async () => {
      try {
        const count = { warehouseId, codes: [...codes] }
        const { id } = await post('/count-tasks', { key: keys.of(count), ...count })
        keys.answered()
        await navigate({ to: '/phone/count/$taskId', params: { taskId: id } })
      } catch (error) {
        teller.tell({ tone: 'wrong', text: errorText(error) })
      }
    })
  return (
    <Phone
      title={say(['盘点', 'Count'])}
      back="/phone"
      teller={teller}
      scanning={{ hint: say(['扫要盘的库位或商品', 'Scan bins or goods to count']), onScan: add }}
      acts={
        codes.length > 0 && (
          <>
            <Button size="large" action="clear" onClick={() => setCodes([])}>
              {say(['清空', 'Clear'])}
            </Button>
            <Button size="large" kind="primary" action="start" why={why} onClick={start}>
              {say(['开始盘 {n} 项', 'Start counting {n}'], { n: codes.length })}
            </Button>
          </>
        )
      }
    >
      {codes.length > 0 && <NewCount codes={codes} />}
      {tasks.error && <LoadError error={tasks.error} onRetry={() => void tasks.refetch()} />}
      {tasks.data?.rows.length === 0 && codes.length === 0 && (
        <p className="phone-hint">
          {say([
            '没有在盘的。扫库位或商品，开始一个盲盘。',
            'Nothing is being counted. Scan bins or goods to begin a blind count.',
          ])}
        </p>
      )}
      <Running tasks={tasks.data?.rows ?? []} why={why} onEnd={setEnding} />
      {ending && <EndCount task={ending} teller={teller} onClose={() => setEnding(undefined)} />}
    </Phone>
  )
}

/** The scanned bins and goods of a new count. */
function NewCount({ codes }: { codes: readonly string[] }) {
  const say = useSay()
  return (
    <section className="phone-card">
      <h2>{say(['新盘点', 'New count'])}</h2>
      <div className="phone-chips">
        {codes.map((code) => (
          <span key={code} className="num">
            {code}
          </span>
        ))}
      </div>
      <p className="t2">
        {say([
          '商品有备库位的，两处都要数。已拣进篮子的不用数，系统会算上。',
          'Goods with a spare bin are counted at both. What was picked into baskets is added automatically.',
        ])}
      </p>
    </section>
  )
}

function Running(props: { tasks: readonly Task[]; why: string | undefined; onEnd: (task: Task) => void }) {
  const say = useSay()
  const navigate = useNavigate()
  return (
    <div className="phone-found">
      {props.tasks.map((task) => (
        <section key={task.id}>
          <h2 className="num">{task.no}</h2>
          <div className="t2">{`${task.createdBy} ${nearTime(task.createdAt)}`}</div>
          <p>
            {say(['{lines} 处，还要数 {left} 处', '{lines} places, {left} left'], {
              lines: task.lines,
              left: task.left,
            })}
          </p>
          <div className="phone-acts">
            <Button size="large" action="end" why={props.why} onClick={() => props.onEnd(task)}>
              {say(['结束', 'End'])}
            </Button>
            <Button
              size="large"
              kind="primary"
              action="count"
              onClick={() => void navigate({ to: '/phone/count/$taskId', params: { taskId: task.id } })}
            >
              {say(['去数', 'Count'])}
            </Button>
          </div>
        </section>
      ))}
    </div>
  )
}

function EndCount({
  task,
  teller,
  onClose,
}: {
  task: Task
  teller: ReturnType<typeof useNews>
  onClose: () => void
}) {
  const say = useSay()
  const queries = useQueryClient()
  const kept = waitingScans('count').filter(({ taskId }) => taskId === task.id).length
  const end = async () => {
    try {
      teller.tell(kept > 0 ? { tone: 'wrong', text: waits } : await ended())
    } catch (error) {
      teller.tell({ tone: 'wrong', text: errorText(error) })
    }
    onClose()
    await queries.invalidateQueries({ queryKey: ['/count-tasks'] })
  }
  const waits = say(['还有 {n} 条没上传，先上传', '{n} scans are not sent yet; send them first'], { n: kept })
  const ended = async (): Promise<News> => {
    const { results } = await post('/count-tasks/end', { ids: [task.id] })
    const [outcome] = results
    if (outcome?.done === false) return { tone: 'wrong', text: outcomeText(outcome, say) }
    const { documentNo, differing } = (await get('/count-tasks/:id', { id: task.id })).task
    if (documentNo === null)
      return { tone: 'done', text: say(['结束了，没有差异', 'Ended without differences']) }
    const words = { n: differing, no: documentNo }
    return {
      tone: 'done',
      text: say(
        ['{n} 种有差异，成盘点单 {no}，待审核', '{n} differ: stock-take {no} waits for approval'],
        words,
      ),
    }
  }
  return (
    <Confirm
      title={say(['结束 {no}', 'End {no}'], { no: task.no })}
      act={say(['结束盘点', 'End the count'])}
      onConfirm={() => void end()}
      onClose={onClose}
    >
      <p>
        {task.left > 0
          ? say(['还有 {n} 处没数完，不计入。', '{n} places are not counted; they are left out.'], {
              n: task.left,
            })
          : say(['都数完了。', 'Everything is counted.'])}
      </p>
    </Confirm>
  )
}
