import type { EventType } from '../../src/shared/catalogue';
import type { ServiceStatus } from '../../src/shared/service';
import type { SubscriptionState, SubscriptionStatus } from '../../src/shared/session-state';
import { saySubscription, saySubscriptionReason, sayType } from '../../src/shared/state-words';
import type { WebviewStrings } from '../../src/shared/webview-strings';
import { useApp, useSaying, useWords } from '../app-context';
import { Button } from '../parts/button';
import { Icon, type IconName } from '../parts/icon';

/** The eight subscriptions: what became of each, why, and what can be done. */
export function SubscriptionsCard({ status }: { status: ServiceStatus }) {
  const { strings } = useWords();
  return (
    <section class="card">
      <h2>{strings.dashboardSubscriptions}</h2>
      <ul class="plain-list">
        {status.subscriptions.map(subscription => (
          <SubscriptionRow key={subscription.type} subscription={subscription} />
        ))}
      </ul>
    </section>
  );
}

/** Each state's icon and tone. */
const SIGNS = {
  live: ['pass', 'good'],
  off: ['circle-slash', 'quiet'],
  pending: ['circle-outline', 'quiet'],
  subscribing: ['sync', 'quiet'],
  missingScope: ['warning', 'warning'],
  ownerOnly: ['warning', 'warning'],
  slotsHeld: ['warning', 'warning'],
  refused: ['error', 'error'],
  revoked: ['error', 'error'],
} as const satisfies Record<SubscriptionState['kind'], readonly [IconName, string]>;

/** The state in a word; its reason stands below. */
function sayShort(state: SubscriptionState, strings: WebviewStrings): string {
  if (state.kind === 'missingScope') return strings.subscriptionNeedsPermission;
  if (state.kind === 'refused') return strings.subscriptionRefusedShort;
  return state.kind === 'revoked' ? strings.subscriptionRevokedShort : saySubscription(state, strings);
}

function SubscriptionRow({ subscription }: { subscription: SubscriptionStatus }) {
  const saying = useSaying();
  const { strings } = useWords();
  const { type, state } = subscription;
  const [icon, tone] = SIGNS[state.kind];
  const reasons = saySubscriptionReason(state, saying);
  // The permission is explained once, in the notice above; here it would stand twice.
  const isExplained = state.kind === 'missingScope';
  const name = sayType(type, strings);
  return (
    <li class="plain-row" title={[name, ...reasons].join('\n')}>
      <div class="plain-line">
        <Icon name={icon} tone={tone} />
        <span class="plain-name">{name}</span>
        <Actions type={type} state={state} name={name} />
        <span class="plain-value">{sayShort(state, strings)}</span>
      </div>
      {!isExplained && reasons.map(reason => <p class="plain-reason">{reason}</p>)}
    </li>
  );
}

/** What can be done about a subscription in each state, in the order in which it is offered. */
const ACTIONS = {
  off: ['subscribe'],
  live: ['unsubscribe'],
  pending: ['unsubscribe'],
  subscribing: ['unsubscribe'],
  ownerOnly: ['unsubscribe'],
  missingScope: ['signInAgain', 'unsubscribe'],
  slotsHeld: ['retry', 'unsubscribe'],
  refused: ['retry', 'unsubscribe'],
  revoked: ['retry', 'unsubscribe'],
} as const satisfies Record<SubscriptionState['kind'], readonly string[]>;

const ACTION_ICONS = {
  subscribe: 'add',
  unsubscribe: 'circle-slash',
  signInAgain: 'key',
  retry: 'refresh',
} as const;

function Actions({ type, state, name }: { type: EventType; state: SubscriptionState; name: string }) {
  const { calls, run } = useApp();
  const { strings } = useWords();
  return (
    <span class="plain-actions">
      {ACTIONS[state.kind].map(action => (
        <Button
          key={action}
          look="icon"
          label={`${strings[action]}: ${name}`}
          onClick={() => run(() => (action === 'signInAgain' ? calls.signIn() : calls[action](type)))}
        >
          <Icon name={ACTION_ICONS[action]} />
        </Button>
      ))}
    </span>
  );
}
