import { createApp, h, ref, watch } from 'vue';
import { useLongwave } from './snippet-vue.js';

const List = {
  setup() {
    const { event } = useLongwave(['a', 'b']);
    const texts = ref([]);
    watch(event, ({ topic, data }) => texts.value.push(topic + '=' + data), { flush: 'sync' });
    return () => h('ul', texts.value.map(text => h('li', text)));
  },
};

createApp({
  setup() {
    const shown = ref(true);
    return () => [h('button', { onClick: () => { shown.value = !shown.value; } }, 'toggle'), shown.value && h(List)];
  },
}).mount(document.body);
