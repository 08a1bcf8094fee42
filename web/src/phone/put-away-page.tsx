import { useQuery, useQueryClient } from '@tanstack/react-query'
import { errorText, get } from '../api.ts'
import type { Answer } from '../api-routes.ts'
import { Button } from '../ui/base/button.tsx'
import { LoadError } from '../ui/base/empty.tsx'
import { count } from '../ui/base/figures.tsx'
import { useSay } from '../words.ts'
import { inTime, isAway } from './away.ts'
import { keptQuery } from './kept-query.ts'
import { submit, useQueue, waitingScans } from './queue.ts'
import { Phone } from './shell.tsx'
import { Stepper, typedCount } from './stepper.tsx'
import { useDraft, useInTurn } from './use-in-turn.ts'
import { useNews } from './use-news.ts'
import { useWarehouse } from './warehouse.ts'

type Work = Answer<'GET', '/put-away'>
type Goods = {
  code: string
  name: string
  spec: string
  main: string
  spare: string
  pieces: number
  isChecked: boolean
}
type Choice = { bin: string; text: string }

/** 上架: scan the goods, say how many, scan the bin. */
export default function PutAwayPage() {
  const say = useSay()
  const { id: warehouseId } = useWarehouse()
  const teller = useNews()
  useQueue()
  const work = useQuery({
    ...keptQuery(putAwayKey(warehouseId), () => get('/put-away', { warehouse: warehouseId })),
    enabled: warehouseId !== '',
  })
  const doing = usePutting(warehouseId, teller)
  const { goods, pieces, choice } = doing.now()
  const waiting = waitingScans('putAway').length
  return (
    <Phone
      title={say(['上架', 'Put away'])}
      sub={say(['只记放到哪，库存数不变', 'Notes the bin; stock stays'])}
      back="/phone"
      teller={teller}
      scanning={{
        hint: goods ? say(['扫库位，确认上架', 'Scan the bin']) : say(['扫商品条码', 'Scan the goods']),
        onScan: doing.scan,
      }}
      acts={
        goods && (
          <Button size="large" action="leave" onClick={doing.leave}>
            {say(['换个商品', 'Other goods'])}
          </Button>
        )
      }
    >
      {work.error && <LoadError error={work.error} onRetry={() => void work.refetch()} />}
      {goods ? (
        <section className="phone-card">
          <h2>{goods.name || goods.code}</h2>
          <div className="t2">{[goods.spec, goods.name && goods.code].filter(Boolean).join(' · ')}</div>
          {!goods.isChecked && (
            <p className="ink-warn">
              {say(['离线，没核对：上传时核对', 'Offline and not checked: it is checked when it is sent'])}
            </p>
          )}
          <Stepper
            words={say(['这次上架', 'Pieces now'])}
            value={pieces}
            least={1}
            onChange={doing.setPieces}
          />
          <div className="t2">{say(['放到', 'Put to'])}</div>
          <div className="phone-bin num">{goods.main || goods.spare || say(['任意库位', 'Any bin'])}</div>
          <div className="t2">
            {goods.main
              ? [
                  say(['主库位', 'Main bin']),
                  goods.spare && say(['备库位 {bin}', 'Spare bin {bin}'], { bin: goods.spare }),
                ]
                  .filter(Boolean)
                  .join(' · ')
              : goods.spare
                ? say(['备库位，没有主库位', 'Spare bin; it has no main bin'])
                : say(['扫到的库位成为主库位', 'The scanned bin becomes its main bin'])}
          </div>
          {choice && (
            <div className="phone-choice" role="alert">
              <p>{choice.text}</p>
              <Button size="large" action="main" onClick={() => doing.replace('main')}>
                {say(['换主库位为 {bin}', 'Main bin: {bin}'], { bin: choice.bin })}
              </Button>
              <Button size="large" action="spare" onClick={() => doing.replace('spare')}>
                {say(['换备库位为 {bin}', 'Spare bin: {bin}'], { bin: choice.bin })}
              </Button>
            </div>
          )}
        </section>
      ) : (
        work.data && <Lists work={work.data} waiting={waiting} />
      )}
    </Phone>
  )
}

type Putting = { goods?: Goods | undefined; pieces: number; choice?: Choice | undefined }
const putAwayKey = (warehouseId: string) => ['/put-away', warehouseId]

/** The scans and keys of putting away. Each reads the newest state, since a scanner may be faster than the page is drawn. */
function usePutting(warehouseId: string, teller: ReturnType<typeof useNews>) {
  const say = useSay()
  const queries = useQueryClient()
  const inTurn = useInTurn()
  const draft = useDraft<Putting>({ pieces: 1 })
  const leave = () => draft.set({ pieces: 1 })
  const setPieces = (pieces: number) => draft.set({ ...draft.read(), pieces })
  const take = (goods: Goods) => {
    draft.set({ goods, pieces: Math.max(1, goods.pieces) })
    teller.tell({ tone: 'ok', text: goods.name || goods.code, hint: say(['再扫库位', 'Now scan its bin']) })
  }
  const put = async (bin: string, as?: 'main' | 'spare') => {
    const { goods, pieces } = draft.read()
    if (!goods) return
    const { code } = goods
    const label = [`上架 ${code} × ${pieces} → ${bin}`, `Put away ${code} × ${pieces} → ${bin}`] as const
    const chosen = as ? { as } : {}
    const result = await submit({ kind: 'putAway', label, warehouseId, code, bin, pieces, ...chosen })
    if (result.state === 'refused') {
      const text = errorText(result.error)
      if (result.error.code === 'bin_choice') draft.set({ goods, pieces, choice: { bin, text } })
      return teller.tell({ tone: 'wrong', text })
    }
    leave()
    const text = say(['{n} 件 {code} → {bin}', '{n} × {code} → {bin}'], { n: pieces, code, bin })
    if (result.state === 'kept')
      return teller.tell({ tone: 'kept', text, hint: say(['存在手机里', 'Kept on the phone']) })
    teller.tell({ tone: 'done', text, hint: saidOf(result.answer, say) })
    await queries.invalidateQueries({ queryKey: ['/put-away'] })
  }
  const scanned = async (code: string) => {
    const { goods, pieces } = draft.read()
    const number = typedCount(code)
    if (goods && number !== undefined && number > 0) return setPieces(number)
    if (goods && goods.code.toUpperCase() === code.toUpperCase()) return setPieces(pieces + 1)
    const known = dueOf(queries.getQueryData<Work>(putAwayKey(warehouseId)), code)
    if (known?.code === goods?.code && known) return setPieces(pieces + 1)
    if (known) return take(known)
    if (goods) return put(code.toUpperCase())
    const found = await goodsOf(code, warehouseId)
    if (found) return take(found)
    return teller.tell({
      tone: 'wrong',
      text: say(['没有商品 {code}', 'No goods with the code {code}'], { code }),
    })
  }
  return {
    ...{ now: draft.read, setPieces, leave },
    scan: (code: string) => inTurn(() => scanned(code)),
    replace: (as: 'main' | 'spare') =>
      inTurn(async () => {
        const { choice } = draft.read()
        if (choice) await put(choice.bin, as)
      }),
  }
}

type Put = Answer<'POST', '/put-away'>

function saidOf({ as, isNew, due, short }: Put, say: ReturnType<typeof useSay>): string {
  return [
    as === 'main' ? say(['主库位', 'Main bin']) : say(['备库位', 'Spare bin']),
    isNew && say(['新设', 'new']),
    due > 0 && say(['还有 {n} 件待上架', '{n} still to put away'], { n: due }),
    short > 0 && say(['订单缺 {n} 件', 'Orders wait for {n}'], { n: short }),
  ]
    .filter(Boolean)
    .join(' · ')
}

function dueOf(work: Work | undefined, code: string): Goods | undefined {
  const upper = code.toUpperCase()
  const found = work?.due.find((one) => one.code.toUpperCase() === upper || one.barcodes.includes(code))
  return found && { ...found, isChecked: true }
}

/** Returns the goods with this code as the server knows them; undefined: it knows none. Offline the code is taken as it was scanned. */
async function goodsOf(code: string, warehouseId: string): Promise<Goods | undefined> {
  try {
    const [found] = (await inTime(get('/look-up', { code }))).goods
    if (!found) return undefined
    const place = found.places.find((one) => one.warehouseId === warehouseId)
    const { name, spec } = found
    return {
      code: found.code,
      name,
      spec,
      main: place?.main ?? '',
      spare: place?.spare ?? '',
      pieces: 1,
      isChecked: true,
    }
  } catch (error) {
    if (!isAway(error)) throw error
    return { code, name: '', spec: '', main: '', spare: '', pieces: 1, isChecked: false }
  }
}

function Lists({ work: { due, put }, waiting }: { work: Work; waiting: number }) {
  const say = useSay()
  return (
    <div className="phone-found">
      <section>
        <h2>{say(['待上架 {n} 种', 'To put away: {n}'], { n: due.length })}</h2>
        {due.length === 0 && (
          <p className="t2">
            {say([
              '没有待上架的。退货、调拨收进来的会在这里。',
              'Nothing. Returns and transfers that come in show up here.',
            ])}
          </p>
        )}
        {due.slice(0, 50).map(({ skuId, code, name, main, spare, pieces }) => (
          <div key={skuId} className="phone-row">
            <div className="grow">
              <b>{name}</b>
              <div className="t2">{code}</div>
            </div>
            <span className="num">{main || spare || say(['无库位', 'No bin'])}</span>
            <b className="num">{count(pieces)}</b>
          </div>
        ))}
      </section>
      {put.length + waiting > 0 && (
        <section>
          <h2>{say(['刚上架', 'Put away last'])}</h2>
          {waiting > 0 && (
            <p className="ink-warn">{say(['{n} 条待上传', '{n} to be sent'], { n: waiting })}</p>
          )}
          {put.map(({ id, code, name, bin, pieces }) => (
            <div key={id} className="phone-row">
              <div className="grow">
                <b>{name}</b>
                <div className="t2">{code}</div>
              </div>
              <span className="num">{bin}</span>
              <b className="num">{count(pieces)}</b>
            </div>
          ))}
        </section>
      )}
    </div>
  )
}
