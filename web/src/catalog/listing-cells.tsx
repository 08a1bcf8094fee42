import { type ListingStatus, listingStatusWords } from '../../../server/catalog/lifecycle.ts'
import { Thumb } from '../intake/cells.tsx'
import { CutText } from '../ui/base/figures.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { useSay } from '../words.ts'
import type { ListingRow } from './types.ts'

const tones: Record<ListingStatus, Tone> = { on_sale: 'ok', in_stock: 'ring', gone: 'void', seen: 'idle' }

export function ListingState({ status }: { status: ListingStatus }) {
  const say = useSay()
  return <Status tone={tones[status]}>{say(listingStatusWords[status])}</Status>
}

type Shown = Pick<ListingRow, 'title' | 'spec' | 'pictureUrl'>

export function ListingCell({ listing, compact = false }: { listing: Shown; compact?: boolean }) {
  const { title, spec, pictureUrl } = listing
  return (
    <div className="goods">
      <Thumb url={pictureUrl} title={title} />
      {compact ? (
        <span className="cut" title={`${title} ${spec}`}>
          {title} <span className="t2">{spec}</span>
        </span>
      ) : (
        <div className="two grow">
          <CutText text={title} />
          <div className="cut" title={spec}>
            {spec || '–'}
          </div>
        </div>
      )}
    </div>
  )
}
