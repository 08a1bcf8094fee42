import { useSay } from '../../words.ts'
import { actorText } from './actor.ts'

export function ActorName({ name }: { name: string }) {
  return (
    <div className="cut t2" title={name}>
      {actorText(name, useSay())}
    </div>
  )
}
