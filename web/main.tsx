import { render } from 'preact';
import { App } from './app.js';
import { applyTheme } from './parts/header.js';
import { lookAtShelf } from './patient/models.js';
import './style/page.css';
import './style/start.css';
import './style/side.css';
import './style/stage.css';

applyTheme();
render(<App />, document.getElementById('app')!);
void lookAtShelf();
