import { Thumb } from '../intake/cells.tsx'
import { CutText, count } from '../ui/base/figures.tsx'

type Sku = { code: string; name: string; spec: string; pictureUrl: string }

export function SkuCell({ sku, compact = false }: { sku: Sku; compact?: boolean }) {
  return (
    <div className="goods">
      <Thumb url={sku.pictureUrl} title={sku.name} />
      {compact ? (
        <span className="cut" title={`${sku.name} ${sku.spec}`}>
          {sku.name} <span className="t2">{sku.spec}</span>
        </span>
      ) : (
        <div className="two grow">
          <CutText text={sku.name} />
          <div className="cut">{[sku.spec, sku.code].filter(Boolean).join(' · ')}</div>
        </div>
      )}
    </div>
  )
}

/** A quantity. 0 is shown as a dash, so that other quantities stand out. */
export function Pieces({ of, strong = false }: { of: number; strong?: boolean }) {
  if (of === 0) return <span className="t3">–</span>
  return strong ? <b className="num">{count(of)}</b> : <span className="num">{count(of)}</span>
}

export function Change({ by }: { by: number }) {
  return <span className="num">{by > 0 ? `+${count(by)}` : count(by)}</span>
}
