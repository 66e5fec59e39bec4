/**
 * Has the unmodified client do what it is told, and tells what it says of it. The same in Node.js and in a browser.
 *
 * @param Centrifuge the client's class
 * @param more options of the client that depend on where it runs
 * @param emit takes what happens, as an object with a member "event"
 * @returns takes commands: objects with a member "op"
 */
function drive(Centrifuge, more, emit) {
  let client;
  const subscriptions = {};

  /** Gives one of the tokens each time that it is asked. */
  function nextOf(tokens) {
    const left = [...tokens];
    return async () => {
      if (left.length === 0) throw new Centrifuge.UnauthorizedError('no more tokens');
      emit({event: 'token'});
      return left.shift();
    };
  }

  function connect({endpoint, options = {}, tokens}) {
    const all = {minReconnectDelay: 50, maxReconnectDelay: 200, timeout: 60000, ...more, ...options};
    if (tokens) all.getToken = nextOf(tokens);
    client = new Centrifuge(endpoint, all);
    client.on('connected', ({client, transport}) => emit({event: 'connected', client, transport}));
    client.on('connecting', ({code, reason}) => emit({event: 'connecting', code, reason}));
    client.on('disconnected', ({code, reason}) => emit({event: 'disconnected', code, reason}));
    client.on('error', ({type, error}) => emit({event: 'error', type, code: error.code, message: error.message}));
    client.on('publication', (publication) => emit({event: 'publication', server: true, ...publication}));
    client.on('subscribed', (context) => emit({event: 'subscribed', server: true, ...context}));
    client.on('subscribing', (context) => emit({event: 'subscribing', server: true, ...context}));
    client.on('unsubscribed', (context) => emit({event: 'unsubscribed', server: true, ...context}));
    client.connect();
  }

  function subscribe({channel, options = {}, tokens}) {
    const all = {minResubscribeDelay: 50, maxResubscribeDelay: 200, ...options};
    if (tokens) all.getToken = nextOf(tokens);
    const subscription = client.newSubscription(channel, all);
    subscriptions[channel] = subscription;
    for (const event of ['publication', 'subscribed', 'subscribing', 'unsubscribed', 'join', 'leave']) {
      subscription.on(event, (context) => emit({event, ...context}));
    }
    subscription.on('error', ({type, error}) =>
      emit({event: 'error', channel, type, code: error.code, message: error.message}));
    subscription.subscribe();
  }

  const operations = {
    connect,
    subscribe,
    unsubscribe: ({channel}) => subscriptions[channel].unsubscribe(),
    resubscribe: ({channel}) => subscriptions[channel].subscribe(),
    publish: ({channel, data}) => client.publish(channel, data),
    history: ({channel, options}) => client.history(channel, options),
    presence: ({channel}) => client.presence(channel),
    presenceStats: ({channel}) => client.presenceStats(channel),
    rpc: ({method, data}) => client.rpc(method, data),
    send: ({data}) => client.send(data),
    disconnect: () => client.disconnect(),
    reconnect: () => client.connect(),
    /** As if the connection broke. */
    cut: () => client._transport.close(),
    raw: ({commands}) => client._transportSendCommands(commands),
    ready: () => client.ready(),
  };

  return async (command) => {
    try {
      const value = await operations[command.op](command);
      emit({event: 'done', of: command.id, value: value === undefined ? null : value});
    } catch (error) {
      emit({event: 'failed', of: command.id, code: error.code, message: String(error.message)});
    }
  };
}

globalThis.drive = drive;
