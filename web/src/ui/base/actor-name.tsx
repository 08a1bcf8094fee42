import { useSay } from '../../words.ts'
import { actorText } from './actor.ts'

/** Who did it, in a cell of a list. */
export function ActorName({ name }: { name: string }) {
  return (
    <div className="cut t2" title={name}>
      {actorText(name, useSay())}
    </div>
  )
}
