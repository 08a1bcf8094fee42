import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useId, useState } from 'react'
import { get } from '../api.ts'
import { Money } from '../ui/base/figures.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { SkuCell } from './skus.tsx'
import type { SkuRow, Suggestion } from './types.ts'
import './catalog.css'

const reasons: Record<Suggestion['why'], LocalizedPair> = {
  code: ['编码相近', 'Like its code'],
  item: ['同一商品', 'Same item'],
  title: ['标题相近', 'Like its title'],
}

/** `why`: the reason why it is suggested. */
type Found = SkuRow & { why?: Suggestion['why'] }

type SearchProps = {
  label: string
  /** The SKUs that are shown while the box is empty; undefined: they are being loaded. If there are none, the newest SKUs are shown. */
  suggested: readonly Suggestion[] | undefined
  chosen: string | undefined
  onChoose: (sku: SkuRow | undefined) => void
  /** Called on Enter with the chosen SKU. */
  onTake: (sku: SkuRow) => void
  only?: { bundle: 'true' | 'false' }
  strict?: boolean
  /** The listing to match. Values of a SKU that differ from it are marked. */
  differsFrom?: { spec: string; priceFen: number | null } | undefined
}

const letters = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[×*]/g, 'x')
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
const sameSpec = (a: string, b: string) => letters(a) !== '' && letters(a) === letters(b)

/**
 * Searches SKUs: type, move up and down, Enter. The first result is preselected. With `strict`, Enter takes only a SKU that the user moved
 * to, or whose code is exactly the typed text, because a wrong SKU costs money there.
 */
export function SkuSearch(props: SearchProps) {
  const say = useSay()
  const id = useId()
  const [typed, setTyped] = useState('')
  const text = typed.trim()
  const found = useQuery({
    queryKey: ['/skus', 'choices', text, props.only],
    queryFn: () => get('/skus', { q: text, tab: 'active', limit: 20, ...props.only }),
    enabled: text !== '' || props.suggested?.length === 0,
    placeholderData: keepPreviousData,
  })
  const suggested = text === '' && props.suggested?.length !== 0
  const rows: readonly Found[] = suggested ? (props.suggested ?? []) : (found.data?.rows ?? [])
  const exact = (row: SkuRow) =>
    !suggested && [row.code, ...row.barcodes].some((code) => code.toLowerCase() === text.toLowerCase())
  const chosen = rows.findIndex((row) => row.id === props.chosen)
  const at = chosen >= 0 ? chosen : props.strict ? rows.findIndex(exact) : 0
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) {
      event.preventDefault()
      // If no row is chosen, Down chooses the first.
      props.onChoose(rows[Math.min(rows.length - 1, Math.max(0, at + step))])
      return
    }
    const row = rows[at]
    if (event.key !== 'Enter' || event.nativeEvent.isComposing || found.isPlaceholderData) return
    if (!row && (!props.strict || event.metaKey || event.ctrlKey)) return
    event.preventDefault()
    if (row) props.onTake(row)
    else toast('idle', say(['用 ↑ ↓ 选一个，再按回车', 'Choose one with ↑ ↓, then press Enter']))
  }
  return (
    <div className="sku-search">
      <input
        className="input"
        role="combobox"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={rows[at] ? `${id}-${rows[at].id}` : undefined}
        aria-label={props.label}
        placeholder={say(['商家编码、名称、规格、条码', 'Code, name, spec or barcode'])}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          props.onChoose(undefined)
        }}
        onKeyDown={onKey}
        maxLength={60}
      />
      <div id={id} className="sku-choices" role="listbox" aria-label={props.label}>
        {rows.map((row, index) => (
          <SkuChoice
            key={row.id}
            {...{ row, differsFrom: props.differsFrom }}
            id={`${id}-${row.id}`}
            isSelected={index === at}
            onChoose={() => props.onChoose(row)}
            onTake={() => props.onTake(row)}
          />
        ))}
        {rows.length === 0 && found.isSuccess && (
          <p className="t2 sku-none">
            {text === ''
              ? say(['还没有 SKU，先在商品里新增或导入', 'No SKUs yet: add or import some under Products'])
              : say(['没有找到', 'Nothing found'])}
          </p>
        )}
      </div>
    </div>
  )
}

function SkuChoice(props: {
  row: Found
  id: string
  isSelected: boolean
  differsFrom: SearchProps['differsFrom']
  onChoose: () => void
  onTake: () => void
}) {
  const say = useSay()
  const { row, differsFrom } = props
  return (
    <button
      id={props.id}
      type="button"
      role="option"
      aria-selected={props.isSelected}
      tabIndex={-1}
      onClick={props.onChoose}
      onDoubleClick={props.onTake}
    >
      <SkuCell sku={row} />
      <span className="cut">{row.code}</span>
      <span className="t3 small">
        {differsFrom && sameSpec(row.spec, differsFrom.spec) ? (
          <b className="t2">{say(['规格相同', 'Same spec'])}</b>
        ) : row.why ? (
          say(reasons[row.why])
        ) : (
          ''
        )}
      </span>
      <span className="right">
        {row.priceFen === null ? <span className="t3">–</span> : <Money fen={row.priceFen} />}
      </span>
    </button>
  )
}
