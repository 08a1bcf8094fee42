import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Thumb } from '../../intake/cells.tsx'
import { Button, Segments } from '../../ui/base/button.tsx'
import { every } from '../../ui/base/every.ts'
import { count, Times } from '../../ui/base/figures.tsx'
import { Flag, Status, type Tone } from '../../ui/base/status.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { namesOfClients } from '../print-words.ts'
import { printerSetting } from '../printer-setting.ts'
import { useCourierName } from '../query.ts'
import type { DeliveryRow } from '../types.ts'
import { letGo, printersNow, togetherSetting, usePrintRun } from './print-runner.ts'

/** At the right of the list: what our own area of the label shows, the printers of this machine, and how the next labels are printed. */
export function DeskAside({
  focused,
  chosen,
}: {
  focused: DeliveryRow | undefined
  chosen: readonly DeliveryRow[]
}) {
  const say = useSay()
  useEffect(() => letGo, [])
  const shown = focused ?? chosen[0]
  const at = shown ? chosen.findIndex(({ id }) => id === shown.id) : -1
  return (
    <aside className="desk-aside" aria-label={say(['预览和打印机', 'Preview and printers'])}>
      <header className="row">
        <h2>{say(['预览', 'Preview'])}</h2>
        {at >= 0 && <span className="t3 num">{`${count(at + 1)} / ${count(chosen.length)}`}</span>}
      </header>
      {shown ? <Label row={shown} /> : <p className="t3">{say(['选一单看面单', 'Choose a delivery'])}</p>}
      <Printers />
      <dl className="facts">
        <dt>{say(['顺序', 'Order'])}</dt>
        <dd>
          <Order />
        </dd>
        <dt>{say(['打印记录', 'Printed'])}</dt>
        <dd>{shown ? <Record row={shown} /> : '–'}</dd>
      </dl>
    </aside>
  )
}

const laidOut: LocalizedPair = [
  '收件人、大头笔和条码打印时才排上去',
  'Receiver, route and bar code are laid out when it is printed',
]
const labelWords: Record<DeliveryRow['label'], LocalizedPair> = {
  taken: laidOut,
  to_take: laidOut,
  typed: ['运单号是填的，面单不在这里打', 'Its number was typed, so its label is not printed here'],
  elsewhere: [
    '这个平台的电子面单还没接：面单在别处打，运单号填进来',
    'E-waybills of its platform are not connected: its label is printed elsewhere and its number typed',
  ],
}

/** The label as far as it is known here: the courier's part is drawn when it is printed, from sealed data. */
function Label({ row }: { row: DeliveryRow }) {
  const say = useSay()
  const name = useCourierName()
  const courier = row.courier || row.orderCourier
  return (
    <div className="label-sheet">
      <div className="label-courier">
        <b>{courier === '' ? say(['快递未定', 'No courier yet']) : name(courier)}</b>
        <div className="num label-no">
          {row.waybillNo === '' ? say(['还没有运单号', 'No number yet']) : row.waybillNo}
        </div>
        <p className="small">{say(labelWords[row.label])}</p>
      </div>
      <div className="label-own">
        <div className="row small">
          <span className="num">{row.orderNo}</span>
          <span className="push">{row.region}</span>
        </div>
        <ul>
          {row.lines.map((line) => (
            <li key={`${line.title} ${line.spec}`} className="row">
              <Thumb url={line.pictureUrl} title={line.title} />
              <span className="grow cut" title={`${line.title} ${line.spec}`}>
                {line.title} <span className="t3">{line.spec}</span>
              </span>
              <Times quantity={line.quantity - line.refundedQuantity} />
            </li>
          ))}
        </ul>
        {row.lineCount > row.lines.length && (
          <p className="t3 small num">
            {say(['还有 {n} 种', '{n} more'], { n: row.lineCount - row.lines.length })}
          </p>
        )}
        <div className="row small">
          <Flag flag={row.flag} />
          <span className="grow cut" title={row.sellerMemo}>
            {row.sellerMemo || <span className="t3">{say(['没有备注', 'No memo'])}</span>}
          </span>
          <b className="num">{say(['共 {n} 件', '{n} {n|pc|pcs}'], { n: row.quantity })}</b>
        </div>
      </div>
    </div>
  )
}

function Record({ row }: { row: DeliveryRow }) {
  const say = useSay()
  if (row.printCount === 0)
    return say(['没打过。打过的再打要写原因', 'Never. A second time asks for the reason'])
  return (
    <span className={row.printCount > 1 ? 'ink-warn' : ''}>
      {say(['打过 {n} 次', '{n} {n|time|times}'], { n: row.printCount })}
    </span>
  )
}

function Order() {
  const say = useSay()
  return (
    <Segments
      label={say(['打印顺序', 'Order of printing'])}
      value={togetherSetting.use() === 'yes' ? 'yes' : 'no'}
      options={[
        { value: 'yes', label: say(['同款相连', 'By goods']) },
        { value: 'no', label: say(['按列表', 'As listed']) },
      ]}
      onChange={togetherSetting.set}
    />
  )
}

const states = {
  idle: { tone: 'ok', words: ['空闲', 'Idle'] },
  printing: { tone: 'move', words: ['在打', 'Printing'] },
  off: { tone: 'bad', words: ['没开', 'Off'] },
} satisfies Record<string, { tone: Tone; words: LocalizedPair }>

function usePrinters() {
  return useQuery({
    queryKey: ['printers'],
    queryFn: printersNow,
    retry: false,
    // Without a client the user connects again; each try would be an error in the browser's console.
    refetchInterval: (asked) => (asked.state.error ? false : every(15_000)(asked)),
  })
}

/** The printers of this machine, each with its state. The choice is kept in this browser. */
function Printers() {
  const say = useSay()
  const { data, error, refetch } = usePrinters()
  const chosen = printerSetting.use()
  if (error)
    return (
      <div className="printer-list">
        <div className="row">
          <Status tone="bad">{say(['没连打印组件', 'No print client'])}</Status>
          <span className="push">
            <Button size="small" onClick={() => void refetch()}>
              {say(['再连一次', 'Connect'])}
            </Button>
          </span>
        </div>
        <p className="t2 small">
          {say(
            [
              '打开这台电脑上的{names}打印组件。没装过的，到平台的打单页下载安装。',
              'Start the print client of {names} on this computer. If there is none, install it from the platform.',
            ],
            { names: namesOfClients(say) },
          )}
        </p>
      </div>
    )
  if (!data) return <div className="printer-list" aria-busy="true" />
  const names = data.names.includes(chosen) ? chosen : data.usual
  return (
    <div className="printer-list" role="radiogroup" aria-label={say(['打印机', 'Printers'])}>
      {data.names.length === 0 && (
        <p className="t2">
          {say([
            '打印组件里没有打印机。快递100 的面单由浏览器打印。',
            'No printer at a print client. Labels of 快递100 are printed by the browser.',
          ])}
        </p>
      )}
      {data.names.map((name) => (
        <label key={name} className="row">
          <input
            type="radio"
            name="printer"
            checked={name === names}
            onChange={() => printerSetting.set(name)}
          />
          <span className="grow cut" title={name}>
            {name}
          </span>
          <PrinterState name={name} off={data.off.includes(name)} usual={name === data.usual} />
        </label>
      ))}
    </div>
  )
}

/** The print client says only whether a printer is there; paper runs out when a label does not come out. */
function PrinterState({ name, off, usual }: { name: string; off: boolean; usual: boolean }) {
  const say = useSay()
  const { run, failures } = usePrintRun()
  const own = (printer: string) => printer === name || (printer === '' && usual)
  const failed = Object.entries(failures).find(([printer]) => own(printer))?.[1]
  if (failed !== undefined && run?.state !== 'printing')
    return (
      <Status tone="bad">
        <span title={failed}>{/缺纸|无纸|没纸/.test(failed) ? say(['缺纸', 'No paper']) : failed}</span>
      </Status>
    )
  const state = off
    ? states.off
    : run?.state === 'printing' && own(run.printer)
      ? states.printing
      : states.idle
  return <Status tone={state.tone}>{say(state.words)}</Status>
}
