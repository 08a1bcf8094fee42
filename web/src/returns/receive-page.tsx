import { useQueryClient } from '@tanstack/react-query'
import { type ComponentProps, lazy, Suspense, useRef, useState } from 'react'
import { errorText } from '../api.ts'
import { useWarehouses } from '../inventory/query.ts'
import { Button, KeyCap, Segments } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { useKeys } from '../ui/base/keys.ts'
import { Choice } from '../ui/form/form.tsx'
import { PageHead } from '../ui/list/tabs.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { isEmpty } from './count.ts'
import {
  chosen,
  cleared,
  emptyReceiving,
  enter,
  type ReceivingState,
  receive,
  takeRefused,
} from './receive-desk.ts'
import { FoundChoices, HowTo, ReceiveLines, TakenList } from './receive-parts.tsx'
import './returns.css'

const ParcelDialog = lazy(() => import('./parcel-dialog-page.tsx'))

/** Handles scans one after the other, so that none is lost while another is being handled. */
function useReceiving() {
  const queries = useQueryClient()
  const [desk, setDesk] = useState(emptyReceiving)
  const latest = useRef(desk)
  const line = useRef(Promise.resolve())
  const set = (next: ReceivingState) => {
    latest.current = next
    setDesk(next)
  }
  const run = (work: (desk: ReceivingState) => ReceivingState | Promise<ReceivingState>) => {
    line.current = line.current
      .then(() => work(latest.current))
      .then((next) => {
        if (next.taken !== latest.current.taken) void queries.invalidateQueries()
        set(next)
      })
      .catch((error: unknown) => set({ ...latest.current, told: { tone: 'bad', text: errorText(error) } }))
  }
  return { desk, run }
}

/** 退货收货: one box that the user never has to leave. A waybill opens its return, goods codes count pieces, Enter receives. */
export default function ReceivePage() {
  const say = useSay()
  const { desk, run } = useReceiving()
  const box = useRef<HTMLInputElement>(null)
  const [warehouseId, setWarehouseId] = useState('')
  const place = { warehouseId, say }
  const { row, found, count, told } = desk
  const back = () => box.current?.focus()
  const drop = () => {
    run((now) => cleared(now, undefined))
    back()
  }
  const choose = (work: (now: ReceivingState) => ReceivingState | Promise<ReceivingState>) => {
    run(work)
    back()
  }
  const turn = () => choose((now) => ({ ...now, quality: now.quality === 'good' ? 'defective' : 'good' }))
  useKeys([
    { key: 's', words: ['回到扫描框', 'back to the scan box'], run: back },
    { key: 'F8', words: turnWords, run: turn },
    { key: 'Escape', words: dropWords, run: drop },
  ])
  return (
    <div className="page">
      <PageHead title={say(['退货收货', 'Receive returns'])}>
        <Into value={warehouseId} onChange={setWarehouseId} />
      </PageHead>
      <div className="receive">
        <div className="receive-main">
          <ScanBox
            box={box}
            quality={desk.quality}
            onEnter={(code) => run((now) => enter(now, code, place))}
            onTurn={turn}
            onDrop={drop}
          />
          {told && <Note tone={told.tone}>{told.text}</Note>}
          {row && (
            <OpenReturn
              {...{ row, count }}
              onCount={(change) =>
                run((now) => (now.row?.id === row.id ? { ...now, count: change(now.count) } : now))
              }
              onDone={back}
              onReceive={() =>
                choose((now) =>
                  now.row?.id !== row.id
                    ? now
                    : isEmpty(now.count)
                      ? enter(now, '', place)
                      : receive(now, now.row, place),
                )
              }
              onDrop={drop}
            />
          )}
          {found && (
            <FoundChoices
              found={found}
              onChoose={(one) => choose((now) => chosen(now, one, say))}
              onRefused={(id) => choose((now) => takeRefused(now, [id], say))}
            />
          )}
          {desk.unknown !== '' && (
            <div className="row">
              <Button
                action="register-unknown"
                letter="Enter"
                onClick={() => run((now) => enter(now, '', place))}
              >
                {say(['登记无主件', 'Register as unclaimed'])}
              </Button>
            </div>
          )}
          {!row && !found && <HowTo />}
        </div>
        <aside className="receive-side">
          <TakenList taken={desk.taken} />
        </aside>
      </div>
      <Suspense>
        {desk.registering && (
          <ParcelDialog waybillNo={desk.unknown} warehouseId={warehouseId} onClose={drop} />
        )}
      </Suspense>
    </div>
  )
}

/** The return of the scanned waybill, with its counted goods. */
function OpenReturn({
  onReceive,
  onDrop,
  ...lines
}: ComponentProps<typeof ReceiveLines> & { onReceive: () => void; onDrop: () => void }) {
  const say = useSay()
  return (
    <>
      <ReceiveLines {...lines} />
      <div className="row">
        <Button kind="primary" letter="Enter" onClick={onReceive}>
          {say(isEmpty(lines.count) ? ['按应退填满', 'Fill as asked'] : ['入库', 'Receive'])}
        </Button>
        <Button letter="Esc" onClick={onDrop}>
          {say(['放弃', 'Drop it'])}
        </Button>
      </div>
    </>
  )
}

const turnWords: LocalizedPair = ['换良品、次品', 'good or defective']
const dropWords: LocalizedPair = ['放弃这一单', 'drop this one']

function Into({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const say = useSay()
  const warehouses = useWarehouses().filter(({ active, kind }) => active && kind !== 'defective')
  return (
    <div className="head-choices">
      <Choice
        label={say(['收进', 'Into'])}
        value={value}
        onChange={onChange}
        options={[
          { value: '', label: say(['单上的退货仓', "The return's warehouse"]) },
          ...warehouses.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
    </div>
  )
}

function ScanBox(props: {
  box: React.RefObject<HTMLInputElement | null>
  quality: ReceivingState['quality']
  onEnter: (code: string) => void
  onTurn: () => void
  onDrop: () => void
}) {
  const say = useSay()
  const [text, setText] = useState('')
  const words = say(['扫描运单、单号或商品', 'Scan a waybill, number or goods'])
  const onKey = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter') props.onEnter(text.trim())
    else if (event.key === 'F8') props.onTurn()
    else if (event.key === 'Escape') props.onDrop()
    else return
    if (event.key !== 'F8') setText('')
    event.preventDefault()
    event.stopPropagation()
  }
  const hints: readonly [string, LocalizedPair][] = [
    ['Enter', ['确认', 'take it']],
    ['F8', turnWords],
    ['Esc', dropWords],
  ]
  return (
    <div className="receive-box">
      <input
        ref={props.box}
        className="input large"
        aria-label={words}
        placeholder={words}
        value={text}
        maxLength={60}
        // biome-ignore lint/a11y/noAutofocus: the page is this box
        autoFocus
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKey}
      />
      <Segments
        label={say(['扫到的算', 'What is scanned is'])}
        value={props.quality}
        options={[
          { value: 'good', label: say(['良品', 'Good']) },
          { value: 'defective', label: say(['次品', 'Defective']) },
        ]}
        onChange={(value) => value !== props.quality && props.onTurn()}
      />
      <p className="receive-keys t2 small">
        {hints.map(([key, what]) => (
          <span key={key}>
            <KeyCap>{key}</KeyCap> {say(what)}
          </span>
        ))}
      </p>
    </div>
  )
}
